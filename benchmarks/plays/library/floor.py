# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule({"host": {"type": "str"}, "statement": {"type": "str"}})
    from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
    from cassandra.policies import WhiteListRoundRobinPolicy

    host = module.params["host"]
    profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([host]), request_timeout=60)
    cluster = Cluster(
        [host],
        protocol_version=5,
        schema_metadata_enabled=False,
        token_metadata_enabled=False,
        monitor_reporting_enabled=False,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    )
    cluster.connect().execute(module.params["statement"])
    cluster.shutdown()
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
