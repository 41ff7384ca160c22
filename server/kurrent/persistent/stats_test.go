package persistent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/server/kurrent/persistent"
)

func TestInfo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 20)
		w.create(func(s *persistent.Settings) {
			s.ExtraStatistics, s.MaxCheckpointCount, s.HistoryBufferSize, s.ReadBatchSize, s.LiveBufferSize = true, 1, 10, 5, 10
		})
		i := w.info()
		if i.Checkpoint != "" || i.Known != "" || i.Status != "Behind" || len(i.Consumers) != 0 || i.Measured.Total != 0 {
			w.Errorf("before: %s", show(&i))
		}
		c := w.connect(4)
		c.take()
		for n := range 3 {
			time.Sleep(time.Duration(n+1) * 10 * time.Millisecond)
			c.ack(1)
		}
		c.take()
		i = w.info()
		if i.Checkpoint != "2" || i.Known != "13" || i.Fresh != 7 || i.InFlight != 4 || i.Measured.Total != 3 || i.Measured.SinceLast != 3 || i.Measured.PerSecond != 3 {
			w.Errorf("after: %s", show(&i))
		}
		one := i.Consumers[0]
		var all []string
		for _, m := range one.Measurements {
			all = append(all, fmt.Sprint(m.Key, "=", m.Value))
		}
		// the second was there for 30 ms, the third for 60
		equal(w, "figures", strings.Join(all, ", "), "Mean=34, Median=31, Fastest=11, Quintile 1=11, Quintile 2=31, Quintile 3=31, "+
			"Quintile 4=61, Quintile 5=61, 90%=61, 95%=61, 99%=61, 99.5%=61, 99.9%=61, Highest=61")
		if one.InFlight != 4 || one.Measured.Total != 3 {
			w.Errorf("consumer: %+v", one)
		}
		if i = w.info(); i.Measured.SinceLast != 0 || i.Consumers[0].Measured.SinceLast != 0 {
			w.Errorf("measured twice: %s", show(&i))
		}
		for i.InFlight > 0 {
			c.ack(len(c.has))
			c.take()
			i = w.info()
		}
		if i.Status != "Live" || i.Known != "19" || i.Checkpoint != "19" || i.Fresh != 0 {
			w.Errorf("at the end: %s", show(&i))
		}
	})
}

func show(i *persistent.Info) string {
	return fmt.Sprintf("%q %+v checkpoint %q known %q fresh %d live %d retries %d in flight %d parked %d consumers %+v",
		i.Status, i.Measured, i.Checkpoint, i.Known, i.Fresh, i.Live, i.Retries, i.InFlight, i.Parked, i.Consumers)
}
