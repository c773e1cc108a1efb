#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: workflow_restart
short_description: Restart the running parts of an application, and see that they come back
version_added: 0.1.0
description:
  - Restarts workflows, the running parts of an application such as its web server and its workers, one after the other
    in the order given. Each must come back, answer and stay up before the next one is touched.
  - A workflow is restarted when O(restart) says so, when it runs since before one of the files in O(watch) changed, or
    when it should be running and is not. So a run after one which failed goes on with those which were not reached.
  - The first workflow which does not come back ends the task, with the last lines of its log.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._attributes
attributes:
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: With O(restart=true) it restarts at every run. That is what it is asked for.
  platform:
    platforms: linux
options:
  workflows:
    description:
      - The workflows, in the order of their restart.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What people call it; in messages and in the result.
        type: str
        required: true
      enabled:
        description: Whether it is in use. A workflow which is not is reported as skipped.
        type: bool
        default: true
      manager:
        description:
          - Who runs it.
          - V(systemd), V(supervisord) and V(docker_compose) are told by their own command-line tools.
          - V(command) is a plain command. It is started in a session of its own with O(workflows[].pid_file), and the
            old one is stopped with its whole process group.
          - V(manual) is for platforms without an interface. It becomes a named notice, see RV(notices).
        type: str
        choices: [systemd, supervisord, docker_compose, command, manual]
        required: true
      one_shot:
        description:
          - Whether it ends by itself, like a nightly job.
          - It is started anew when O(restart) says so, and neither waited for nor required to be running.
        type: bool
        default: false
      timeout:
        description: How long it may take to come back, in seconds. Building an image is not counted.
        type: float
        default: 60
      up:
        description: How one sees that it is up, apart from what its manager says, which always counts.
        type: dict
        suboptions:
          url:
            description: An address which must answer with one of O(workflows[].up.status). It is asked with GET.
            type: str
          status:
            description: The HTTP status codes which mean that it is up. Redirects are not followed.
            type: list
            elements: int
            default: [200]
          headers:
            description: Headers of the request, for example C(Host).
            type: dict
            default: {}
          validate_certs:
            description: Whether the certificate of O(workflows[].up.url) is verified.
            type: bool
            default: true
          host:
            description: The host of O(workflows[].up.port).
            type: str
            default: 127.0.0.1
          port:
            description: A TCP port which must accept a connection.
            type: int
          stable_for:
            description: How long it must stay up, without being started again, to count as back; in seconds.
            type: float
            default: 2
      log_file:
        description:
          - The file whose last lines are shown when it does not come back. Without it the log is what its manager
            knows.
          - For O(workflows[].manager=command), which requires it, the command's output is appended to it.
        type: path
      log_lines:
        description: How many lines of the log to show.
        type: int
        default: 20
      instructions:
        description: For O(workflows[].manager=manual), what one has to do.
        type: str
      unit:
        description: For O(workflows[].manager=systemd), the unit.
        type: str
      scope:
        description: For O(workflows[].manager=systemd), whether it is a unit of the system or of the user.
        type: str
        choices: [system, user]
        default: system
      program:
        description: For O(workflows[].manager=supervisord), the program, or a group as C(group:*).
        type: str
      config:
        description: For O(workflows[].manager=supervisord), the configuration file. Without it C(supervisorctl)
          searches for one.
        type: path
      supervisorctl:
        description: For O(workflows[].manager=supervisord), the command-line tool.
        type: path
        default: supervisorctl
      service:
        description: For O(workflows[].manager=docker_compose), the service. It is recreated, and nothing which it
          depends on.
        type: str
      project_dir:
        description: For O(workflows[].manager=docker_compose), the directory of the project.
        type: path
      files:
        description: For O(workflows[].manager=docker_compose), the Compose files, where they are not the usual ones.
        type: list
        elements: path
        default: []
      build:
        description:
          - For O(workflows[].manager=docker_compose), whether the image is built anew first, since images often hold a
            copy of the code. If the build fails, the old container goes on running.
        type: bool
        default: true
      docker:
        description: For O(workflows[].manager=docker_compose), the command-line tool.
        type: path
        default: docker
      argv:
        description: For O(workflows[].manager=command), the command and its arguments. There is no shell.
        type: list
        elements: str
      chdir:
        description: For O(workflows[].manager=command), the directory to run it in.
        type: path
        default: /
      environment:
        description: For O(workflows[].manager=command), environment variables in addition to those of this task.
        type: dict
        default: {}
      pid_file:
        description:
          - For O(workflows[].manager=command), the file which names the running process. This module writes it.
          - A process which was started by other means is taken over if the file holds its number and it runs this very
            command.
        type: path
      grace:
        description:
          - For O(workflows[].manager=command), how long the old process group may take to end after C(SIGTERM), in
            seconds. What is left then gets C(SIGKILL).
        type: float
        default: 10
  restart:
    description:
      - Whether to restart all enabled workflows, because something they use has changed or because one wants to.
    type: bool
    default: false
  watch:
    description:
      - Files on this host which the workflows read when they start. A workflow which was started before the newest of
        them changed is restarted.
      - It is the change time (C(ctime)) that counts. A file which is touched in any way counts as changed.
    type: list
    elements: path
    default: []
notes:
  - In check mode the managers are asked and not told. A manager which cannot be asked from here is then a warning.
  - With V(command) the process must be stoppable by the user who runs this task, so use C(become) where it needs one.
"""

EXAMPLES = r"""
- name: The code has changed, so restart what runs it
  stellarmap.cassandra.workflow_restart:
    restart: "{{ code is changed }}"
    watch: [/srv/shop/models.py]
    workflows:
      - name: Web server
        manager: systemd
        unit: shop.service
        up:
          url: http://127.0.0.1:8000/health/
      - name: Worker
        manager: supervisord
        program: worker
      - name: Nightly report
        manager: docker_compose
        project_dir: /srv/shop
        service: report
        one_shot: true
        enabled: false
      - name: Mailer
        manager: command
        argv: [/srv/shop/venv/bin/python, mailer.py]
        chdir: /srv/shop
        pid_file: /run/shop/mailer.pid
        log_file: /var/log/shop/mailer.log
      - name: Storefront
        manager: manual
        instructions: press "Restart" in the console of the platform.
  register: restarted

- name: What is left to do by hand
  ansible.builtin.debug:
    var: restarted.notices
"""

RETURN = r"""
workflows:
  description: What became of each workflow, in the order of the task.
  returned: always, unless the options are wrong
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: Web server
    manager:
      description: Its manager.
      type: str
      sample: systemd
    status:
      description:
        - V(restarted); V(would_restart) in check mode; V(unchanged); V(skipped) when it is not enabled; V(manual) when
          a person has to restart it; V(failed); V(not_reached) when one before it failed.
      type: str
      sample: restarted
    reason:
      description: Why.
      type: str
      sample: asked for
    commands:
      description: The commands which were run or, in check mode, would be.
      type: list
      elements: list
      sample: [["systemctl", "restart", "shop.service"]]
    seconds:
      description: How long it took to come back.
      type: float
      sample: 3.1
    log:
      description: The last lines of its log, where it failed.
      type: list
      elements: str
notices:
  description: What a person has to do now, one sentence for each workflow whose manager is V(manual).
  returned: always, unless the options are wrong
  type: list
  elements: str
  sample: ['Restart Storefront by hand: press "Restart" in the console of the platform.']
failure:
  description:
    - What kind of failure it is. V(workflow_not_back), V(workflow_unknown) when the manager has no such workflow,
      V(manager_silent) when it cannot be asked, V(refused) when a copy runs which nobody knows of, V(invalid_input).
  returned: failure
  type: str
  sample: workflow_not_back
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import run_local
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.service.options import restart_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._workflow.service.restart import restart_workflows


def main() -> None:
    run_local(restart_options(), restart_workflows)


if __name__ == "__main__":
    main()
