package config

import (
	"fmt"
	"net"
	"strings"
)

// A foreign name is what KurrentDB calls something.
type foreign struct {
	name    string // as in its file; see [foreign.envs] for the environment
	setting string // ours, which it sets
	convert func(c *Config, v string) (string, error)
}

// foreigns are the names that mean something here. The first of several that
// set the same is the one that counts.
var foreigns = []foreign{
	{"Db", "store", same},
	{"MemDb", "memory", same},
	{"NodeIp", "listen", withHost},
	{"ExtIp", "listen", withHost},
	{"NodePort", "listen", withPort},
	{"HttpPort", "listen", withPort},
	{"ExtHttpPort", "listen", withPort},
	{"NodeHostAdvertiseAs", "advertise-host", same},
	{"ExtHostAdvertiseAs", "advertise-host", same},
	{"AdvertiseHostToClientAs", "advertise-host", same},
	{"NodePortAdvertiseAs", "advertise-port", same},
	{"AdvertiseNodePortToClientAs", "advertise-port", same},
	{"AdvertiseHttpPortToClientAs", "advertise-port", same},
	{"Insecure", "insecure", same},
	{"CertificateFile", "tls-cert", same},
	{"CertificatePrivateKeyFile", "tls-key", same},
	{"TrustedRootCertificatesPath", "tls-ca", same},
	{"DefaultAdminPassword", "admin-password", same},
	{"DefaultOpsPassword", "ops-password", same},
	{"AllowAnonymousStreamAccess", "allow-anonymous-stream-access", same},
	{"MaxAppendSize", "max-append-size", atMost},
	{"MaxAppendEventSize", "max-append-event-size", atMost},
	{"CommitTimeoutMs", "write-timeout", milliseconds},
	{"WriteTimeoutMs", "write-timeout", milliseconds},
	{"LogLevel", "log-level", logLevel},
	{"LogConsoleFormat", "log-format", logFormat},
}

// meaningless are names that KurrentDB has and that mean nothing here: what they
// are about is always so, or does not exist.
var meaningless = []string{
	"AllowAnonymousEndpointAccess", "AllowUnknownOptions", "CachedChunks", "CertificateReservedNodeCommonName",
	"ChunkInitialReaderCount", "ChunksCacheSize", "ClusterDns", "ClusterGossipPort", "ClusterSize", "DisableAdminUi",
	"DisableExternalTcpTls", "DisableGossipOnPublic", "DisableHttpCaching", "DisableInternalTcpTls", "DisableStatsOnPublic",
	"DiscoverViaDns", "EnableAtomPubOverHttp", "EnableExternalTcp", "EnableHistograms", "EnableTrustedAuth", "ExtTcpPort",
	"FaultOutOfOrderProjections", "GossipSeed", "HashCollisionReadLimit", "Index", "IndexCacheDepth",
	"InitializationThreads", "IntIp", "IntTcpPort", "KeepAliveInterval", "KeepAliveTimeout", "LicenseKey", "Licensing:LicenseKey",
	"Log", "LogConfig", "LogFailedAuthenticationAttempts", "LogFileSize", "LogHttpRequests", "MaxMemTableSize", "MaxTruncation",
	"MemoryPressure", "NodePriority", "NodeTcpPort", "OptimizeIndexMerge", "PrepareTimeoutMs", "ProjectionExecutionTimeout",
	"ProjectionThreads", "ReaderThreadsCount", "ReplicationHeartbeatInterval", "ReplicationIp", "ReplicationPort",
	"ReplicationTcpPort", "RunProjections", "ScavengeHistoryMaxAge", "SkipDbVerify", "SkipIndexVerify",
	"StartStandardProjections", "StatsPeriodSec", "StreamExistenceFilterSize", "StreamInfoCacheCapacity",
	"TelemetryOptout", "UnsafeIgnoreHardDelete", "WhatIf", "WorkerThreads",
}

// prefixes are what the names begin with in the environment.
var prefixes = []string{"KURRENTDB_", "EVENTSTORE_"}

// listenForeign is where a server listens that was configured for KurrentDB and
// not told otherwise: where the outside of a container finds it.
const listenForeign = "0.0.0.0:2113"

// envName is a name as it is in the environment, without the prefix.
func envName(name string) string {
	var b strings.Builder
	for i, r := range name {
		if upper := r >= 'A' && r <= 'Z'; upper && i > 0 && name[i-1] != ':' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(strings.ReplaceAll(b.String(), ":", "__"))
}

func same(_ *Config, v string) (string, error) { return v, nil }

// withHost keeps the port where it listens and changes the host.
func withHost(c *Config, v string) (string, error) {
	_, port, err := net.SplitHostPort(c.Listen)
	return net.JoinHostPort(v, port), err
}

// withPort keeps the host where it listens and changes the port.
func withPort(c *Config, v string) (string, error) {
	host, _, err := net.SplitHostPort(c.Listen)
	return net.JoinHostPort(host, v), err
}

// atMost is a limit that may be higher there than it can be here.
func atMost(c *Config, v string) (string, error) {
	var n int
	if err := (number{&n, 0, 1 << 40}).Set(v); err != nil {
		return "", err
	}
	d := Default()
	return sizeText(min(n, d.MaxAppendSize)), nil
}

func milliseconds(_ *Config, v string) (string, error) { return v + "ms", nil }

func logLevel(_ *Config, v string) (string, error) {
	levels := map[string]string{"default": "info", "verbose": "debug", "debug": "debug", "information": "info",
		"warning": "warn", "error": "error", "fatal": "error"}
	if level, ok := levels[strings.ToLower(v)]; ok {
		return level, nil
	}
	return "", fmt.Errorf("%q is not one of Default, Verbose, Debug, Information, Warning, Error, Fatal", v)
}

func logFormat(_ *Config, v string) (string, error) {
	switch strings.ToLower(v) {
	case "plain":
		return "text", nil
	case "json":
		return "json", nil
	}
	return "", fmt.Errorf("%q is not one of Plain, Json", v)
}
