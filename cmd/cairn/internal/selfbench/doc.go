// Package selfbench measures a store on the machine it runs on. It wants to be
// quick and honest rather than complete: one run, the defaults of the disk
// engine, every append durable and conditional.
package selfbench
