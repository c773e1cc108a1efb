#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: app_service
short_description: Restart the services of an application that run old code, and see that they come back
version_added: 0.1.0
description:
  - Ensures that services, the running parts of an application such as its web server and its workers, run what is there now.
    The module runs on their host.
  - One call without O(act) reads all services, with their processes, their managers and the files that they read, and decides
    what is due. A service is due if its process is older than the last change of a watched file, if this play changed something
    that it uses, if it does not run, or if it runs another copy of the application than the one in O(path).
  - Before anything is stopped, the program that replaces a service must be there, and O(services[].check_argv) must pass. If
    nothing is due, the module asks each service for its readiness, and that is all.
  - If something is due, RV(due) lists it. A call with O(act) then restarts or reloads one of these services by the command
    of its manager or your own, waits for a new process, and asks for its readiness, all within O(services[].timeout).
  - A last call with O(earlier) watches all services at once, and returns the whole outcome. The role
    C(stellarmap.cassandra.services) makes these calls in the right order.
  - A service that nothing restarts is watched too if it may be in a crash loop, because its process is younger than 10
    seconds, or because it failed in an earlier run or was started again by its manager within the last minute.
  - Check mode reads and tries the same, runs O(services[].check_argv), and predicts the restarts.
notes:
  - The module needs Linux with C(/proc). The commands C(systemctl), C(supervisorctl) and C(docker compose) are needed only for
    services of these managers. No other collection is needed.
  - The module never becomes the parent of a daemon, and never writes a pid file.
  - The processes of another user are visible, but where they run from is visible only to that user and to root.
  - A process of the application that belongs to no service and is older than a change is named in a warning. Its program is
    in a virtual environment of the services, or it is a Python process with its script or its working directory below O(path).
  - If gunicorn preloads the application (C(--preload), C(GUNICORN_CMD_ARGS), or C(preload_app) in its configuration), a
    reload gives its new workers the old code. Such a service is restarted, or it is a failure if nothing can restart it.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._attributes
options:
  services:
    description: The services, in the order of their restart.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name in messages and in the result.
        type: str
        required: true
      enabled:
        description: Whether the service is in use. A service that is not is reported as skipped.
        type: bool
        default: true
      manager:
        description:
          - What runs the service.
          - V(systemd) restarts a unit by C(systemctl).
          - V(supervisord) restarts a program by C(supervisorctl). A changed configuration takes effect after
            C(supervisorctl update), which the module does not run.
          - V(docker_compose) recreates a service by C(docker compose up). If the engine is not at C(/var/run/docker.sock), set
            E(DOCKER_HOST) in O(services[].environment).
          - V(command) runs a restart command of yours. It must start the program in the background and end.
          - V(manual) is for a person. The service is waiting until O(confirmed) names it or O(services[].pid_file) shows a
            process that is newer than every change.
        type: str
        required: true
        choices: [systemd, supervisord, docker_compose, command, manual]
      watch:
        description: Files that this service reads when it starts, in addition to O(watch).
        type: list
        elements: path
        default: []
      reload:
        description:
          - Whether the service is reloaded (C(HUP)) instead of restarted while it runs. This suits gunicorn and other
            servers whose main process replaces its workers. The age of its oldest worker then counts.
          - With O(services[].manager=command), O(services[].argv) is the command that reloads it. Without it, the process in
            O(services[].pid_file) gets the signal.
        type: bool
        default: false
      timeout:
        description:
          - How long the restart, the start of the new process and its readiness may take together, in seconds.
          - Building an image does not count. It may take an hour.
        type: float
        default: 60
      ready:
        description: How to see that the service is ready, in addition to what its manager says.
        type: dict
        suboptions:
          url:
            description: An address that must answer with one of O(services[].ready.status). It is asked with GET.
            type: str
          status:
            description: The HTTP status codes that mean that it is ready. Redirects are not followed.
            type: list
            elements: int
            default: [200]
          headers:
            description: Headers of the request, for example C(Host).
            type: dict
            default: {}
          validate_certs:
            description: Whether the certificate of O(services[].ready.url) is verified.
            type: bool
            default: true
          host:
            description: The host of O(services[].ready.port).
            type: str
            default: 127.0.0.1
          port:
            description: A TCP port that must accept a connection.
            type: int
          argv:
            description: A command that must end with status 0. It runs in O(services[].chdir) with the environment.
            type: list
            elements: str
            default: []
          stable_for:
            description: How long the service must stay up after a restart, without being started again, in seconds.
            type: float
            default: 3
      check_argv:
        description:
          - A command that says whether what would be started can work, such as V([venv/bin/python, manage.py, check]). It
            runs before the service is stopped, in O(services[].chdir) with the environment, and must change nothing.
          - Check mode runs it with the files as they are, before the change.
        type: list
        elements: str
        default: []
      chdir:
        description: The folder in which its commands run, and to which relative paths of its files belong.
        type: path
        default: /
      environment:
        description: Environment variables of its commands. They are in no output and in no list of processes.
        type: dict
        default: {}
      environment_file:
        description:
          - A file on the host with further variables, as the C(EnvironmentFile) of systemd and dotenv read it. Each line is
            C(NAME=value). Nothing is expanded or executed. O(services[].environment) wins.
          - Values that systemd and dotenv read differently are refused with their line, such as a space and C(#) in a value
            without quotes.
        type: path
      log_file:
        description: The file whose new lines are shown if it fails. Without it, the log is what its manager keeps.
        type: path
      log_lines:
        description:
          - How many lines of the log to show. If the last ones give no reason, the last reason before them is shown
            too.
        type: int
        default: 20
      instructions:
        description: For O(services[].manager=manual), what a person has to do.
        type: str
      pid_file:
        description:
          - For V(command) and V(manual), a file in which the application writes the number of its main process. It is only
            read.
        type: path
      unit:
        description: For O(services[].manager=systemd), the unit.
        type: str
      scope:
        description: For O(services[].manager=systemd), whether it is a unit of the system or of the user.
        type: str
        choices: [system, user]
        default: system
      program:
        description: For O(services[].manager=supervisord), the program, or a group as C(group:*).
        type: str
      config:
        description:
          - For O(services[].manager=supervisord), the configuration file. Without it C(supervisorctl) searches for
            one.
        type: path
      supervisorctl:
        description: For O(services[].manager=supervisord), the command-line tool.
        type: path
        default: supervisorctl
      service:
        description: For O(services[].manager=docker_compose), the service. It is recreated, and nothing that it depends on.
        type: str
      project_dir:
        description: For O(services[].manager=docker_compose), the folder of the project.
        type: path
      files:
        description: For O(services[].manager=docker_compose), the Compose files, if they are not the usual ones.
        type: list
        elements: path
        default: []
      build:
        description:
          - For O(services[].manager=docker_compose), whether the image is built again first, because images often hold a
            copy of the code. If the build fails, the old container keeps running.
        type: bool
        default: true
      docker:
        description: For O(services[].manager=docker_compose), the command-line tool.
        type: path
        default: docker
      argv:
        description:
          - For O(services[].manager=command), the restart command and its arguments. There is no shell.
          - It must end within O(services[].timeout). After that it is stopped, with everything that it has not detached.
        type: list
        elements: str
        default: []
  watch:
    description:
      - Files on the host that all services read when they start.
      - The change time (C(ctime)) counts. A file that is touched in any way counts as changed, and so does one that a
        symbolic link on its path leads to since a change of that link.
    type: list
    elements: path
    default: []
  path:
    description:
      - The folder of the application, or a symbolic link to its present release.
      - With it, a process that runs from another copy of the application is found, and old processes that belong to no service.
    type: path
  changed:
    description: Whether this play changed something that the services read when they start.
    type: bool
    default: false
  changes:
    description:
      - The times of changes that no file shows, in ISO 8601 with an offset, each under its name. For example
        C(column shop.orders.note{:} "2026-11-26T07:52:21.574+00:00").
      - A service that was started before one of them is due, as after a change of a watched file. The clocks that wrote the
        time and started the service should agree within seconds.
    type: dict
    default: {}
  restart:
    description: Whether to restart them even if nothing changed.
    type: bool
    default: false
  confirmed:
    description:
      - The names of services that you have restarted by hand, for services whose process nothing shows. A process that is
        older than a change contradicts it, and then counts.
      - A list, or text with names between commas.
    type: list
    elements: str
    default: []
  state_file:
    description:
      - A file on the host for what no process and no file shows, such as when a restart by hand was confirmed, or
        that a service failed. It is written only if there is such a thing, and tried before anything changes.
    type: path
    default: ~/.local/state/stellarmap.cassandra/services.json
  try_only:
    description:
      - Whether to see only if all is there that the services need, before the play changes something that they use. The
        managers are asked, and the programs that a restart needs must be there. O(services[].check_argv) does not run,
        readiness is not asked, and nothing is changed.
    type: bool
    default: false
  act:
    description: The name of one service that an earlier call found to be due, to restart or reload it now.
    type: str
  earlier:
    description: The results of the earlier calls of this run, the first one first, to end the run.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Read the services, and see what is due
  stellarmap.cassandra.app_service: &services
    watch: [/srv/shop/models.py]
    services:
      - name: Web server
        manager: command
        argv: [/srv/shop/restart.sh]
        pid_file: /run/shop/gunicorn.pid
        ready: {url: "http://127.0.0.1:8000/health/"}
      - name: Storefront
        manager: manual
        instructions: Press "Restart" in the console of the platform
  register: shop_services

- name: Restart what is due
  stellarmap.cassandra.app_service:
    <<: *services
    act: "{{ item.name }}"
  loop: "{{ shop_services.due }}"
  loop_control: {label: "{{ item.name }}"}
  register: shop_acts

- name: See that all of them stay up
  stellarmap.cassandra.app_service:
    <<: *services
    earlier: "{{ [shop_services] + shop_acts.results }}"
  when: shop_services.due | length > 0
"""

RETURN = r"""
services:
  description: What became of each service, in the order of O(services). A call with O(act) returns the one that it names.
  returned: success, and a failure that is about a service
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
      sample: command
    status:
      description: >-
        V(restarted), V(reloaded), V(would_restart), V(would_reload), V(unchanged), V(skipped), V(confirmed), V(waiting) for
        a person, V(failed), or V(not_reached) if it is due and was not restarted.
      type: str
      sample: restarted
    reason:
      description: Why.
      type: str
      sample: its process is older than /srv/shop/models.py
    proven:
      description: Whether it is known that no process serves it that is older than a change.
      type: bool
      sample: true
    log:
      description: After a failure, the last lines of its log that say why.
      type: list
      elements: str
      sample: []
due:
  description: The services to be given to O(act) one after the other. It is empty after the last call and in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name for O(act).
      type: str
      sample: Web server
    action:
      description: V(restart) or V(reload).
      type: str
      sample: restart
    reason:
      description: Why it is due.
      type: str
      sample: its process is older than /srv/shop/models.py
remaining:
  description: The services that wait for a person.
  returned: success, and a failure that is about a service
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: Storefront
    instructions:
      description: What to do.
      type: str
      sample: Press "Restart" in the console.
    confirm:
      description: How to confirm it.
      type: str
      sample: |-
        Confirm it with -e '{"services_confirmed": ["Storefront"]}'.
seen:
  description: The main processes of a service after its restart, for the last call.
  returned: success
  type: dict
  sample: {"Web server": ["4711@94511"]}
failed_service:
  description: The name of the service that failed.
  returned: a failure that is about a service
  type: str
  sample: Web server
failure:
  description: >-
    What kind of failure it is, V(invalid_input), V(state_file), V(service_unknown), V(manager_unavailable), V(check_failed),
    V(restart_failed), V(not_ready), V(not_stable) or V(old_code).
  returned: failure
  type: str
  sample: restart_failed
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._module import LocalJob, run_local
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.flow import ensure_services
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.options import OPTIONS

JOB = LocalJob(OPTIONS, ensure_services)


def main() -> None:
    run_local(JOB)


if __name__ == "__main__":
    main()
