# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node is told: cassandra.yaml, logback.xml and the command line of its JVM; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .versions import Release

CQL_PORT = 9042
STORAGE_PORT = 7000

AUTH = {"authenticator": "PasswordAuthenticator", "authorizer": "CassandraAuthorizer"}

LOGBACK = """<configuration><appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder>
<pattern>%-5level %date{ISO8601} [%thread] %logger{0} - %msg%n</pattern></encoder></appender>
<root level="INFO"><appender-ref ref="OUT"/></root></configuration>
"""

# What Cassandra's own jvm11-server.options opens to it.
_EXPORTS = """
java.base/jdk.internal.misc java.base/jdk.internal.ref java.base/sun.nio.ch java.sql/java.sql java.base/java.lang.ref
java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry java.rmi/sun.rmi.server
java.base/java.lang.reflect
""".split()
_OPENS = """
java.base/java.lang.module java.base/jdk.internal.loader java.base/jdk.internal.ref java.base/jdk.internal.reflect
java.base/jdk.internal.math java.base/jdk.internal.module java.base/jdk.internal.util.jar java.base/sun.nio.ch
jdk.management/com.sun.management.internal java.base/java.io java.base/java.lang java.base/java.lang.reflect
java.base/java.util java.base/java.nio java.base/java.net java.base/java.util.concurrent
java.base/java.util.concurrent.atomic java.base/jdk.internal.vm
""".split()


@dataclass(frozen=True)
class NodeConfig:
    """One node of a cluster of C(size) nodes; C(settings) are lines of cassandra.yaml which override ours.

    A node that is C(durable) can be killed and started again.
    """

    release: Release
    address: str
    index: int
    seed: str
    size: int
    work: Path
    heap: str = "256m"
    durable: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


def yaml_settings(config: NodeConfig) -> dict[str, Any]:
    """The node's cassandra.yaml, whose form JSON has too."""
    since_4_1 = config.release.major >= (4, 1)
    work = config.work
    period = ("commitlog_sync_period", "10000ms") if since_4_1 else ("commitlog_sync_period_in_ms", 10000)
    # What was not yet synced is lost when a node is killed, also the state of lightweight transactions.
    synced = {"commitlog_sync": "batch"} if config.durable else {"commitlog_sync": "periodic", period[0]: period[1]}
    return {
        "cluster_name": "embedded",
        "num_tokens": 1,
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        **synced,
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": config.seed}],
            }
        ],
        # Tokens are given, and there is no data to stream.
        "auto_bootstrap": False,
        "listen_address": config.address,
        "rpc_address": config.address,
        "native_transport_port": CQL_PORT,
        "storage_port": STORAGE_PORT,
        "endpoint_snitch": "SimpleSnitch",
        "data_file_directories": [str(work / "data")],
        "commitlog_directory": str(work / "commitlog"),
        "saved_caches_directory": str(work / "saved_caches"),
        "hints_directory": str(work / "hints"),
        "cdc_raw_directory": str(work / "cdc_raw"),
        # Every dropped table would be copied first.
        "auto_snapshot": False,
        "materialized_views_enabled" if since_4_1 else "enable_materialized_views": True,
        **config.settings,
    }


def temporary_files(folder: Path) -> list[str]:
    """The options that keep all a JVM writes beside its data in C(folder), so that it goes when the folder goes."""
    # JNA and Netty unpack native libraries; the JVM itself writes its counters into the system's temporary folder.
    places = ("java.io.tmpdir", "jna.tmpdir", "io.netty.native.workdir")
    return ["-XX:-UsePerfData", *(f"-D{name}={folder}" for name in places)]


def command(config: NodeConfig, java: Path, jars: list[Path]) -> list[str]:
    """The command line of the node's JVM."""
    step = 2**64 // config.size
    properties = {
        "cassandra.config": f"file:///{config.work}/cassandra.yaml",
        "cassandra.storagedir": config.work,
        "logback.configurationFile": f"file:{config.work}/logback.xml",
        "cassandra.initial_token": -(2**63) + step // 2 + step * config.index,
        "cassandra.skip_wait_for_gossip_to_settle": 0,
        # It is the time-out of the first gossip as well, so a ring needs more than a lone node.
        "cassandra.ring_delay_ms": 1 if config.size == 1 else 40000,
        "cassandra.superuser_setup_delay_ms": 0,
        # A change of the schema is flushed to disk ten times without it. A killed node would replay it from its commit log,
        # after it has read its schema: it would tell of columns that it does not know.
        "cassandra.unsafesystem": str(not config.durable).lower(),
        # Any free port, so that nodes do not meet at JMX's.
        "cassandra.jmx.local.port": 0,
    }
    return [
        str(java / "bin" / "java"),
        f"-Xms{config.heap}",
        f"-Xmx{config.heap}",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xss512k",
        "-Djdk.attach.allowAttachSelf=true",
        *temporary_files(config.work),
        *(part for name in _EXPORTS for part in ("--add-exports", f"{name}=ALL-UNNAMED")),
        *(part for name in _OPENS for part in ("--add-opens", f"{name}=ALL-UNNAMED")),
        "-cp",
        ":".join(map(str, jars)),
        *(f"-D{name}={value}" for name, value in properties.items()),
        "org.apache.cassandra.service.CassandraDaemon",
    ]
