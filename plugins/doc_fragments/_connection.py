# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The connection options; the twin of plugins/module_utils/_connection/options.py and of module_utils/_driver.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  login_host:
    description:
      - The contact points, as names or addresses. The module uses the first that answers for everything. It tries the next
        one if a contact point fails, or does not answer within a second.
      - A name may have addresses of IPv4 and IPv6. All of them are tried.
      - An entry may have its own port, as in V(db1.example.com:9142) or V([2001:db8::1]:9142).
      - V(localhost) is used if neither this option nor O(secure_connect_bundle) is given.
      - The environment variable E(CASSANDRA_HOST) is used if this option is not set; it may hold several addresses
        separated by commas.
    type: list
    elements: str
    aliases: [contact_points]
  login_port:
    description:
      - The port of the native protocol.
      - The environment variable E(CASSANDRA_PORT) is used if this option is not set.
    type: int
    default: 9042
  login_address_map:
    description:
      - Where this host reaches the addresses that the nodes advertise, if that is elsewhere, as behind NAT, an SSH tunnel,
        or C(kubectl port-forward). A change is verified on each node, so each needs a way of its own.
      - A key is an advertised address, as in V(10.0.0.1), or V(10.0.0.1:9042) or V([2001:db8::1]:9042) for one port of it.
        A value is the address or name that leads to this node, with its port, as in V(127.0.0.1:9142). All addresses of a
        name are tried, of IPv4 and IPv6.
      - An address of O(login_host) that is a key is reached in the same way.
      - A node is told apart by its C(host_id), so an entry that leads to another node is found and never counts as an
        answer.
      - The name that a certificate must carry is still that of the advertised address; see O(ssl_server_names).
      - It cannot be combined with O(secure_connect_bundle).
    type: dict
    version_added: 0.1.0
  login_user:
    description:
      - The role to log in as, for clusters with C(PasswordAuthenticator).
      - Leave it out if the cluster logs in clients by their certificates (C(MutualTlsAuthenticator) of Cassandra 5.0 and
        later), and give O(ssl_certfile).
      - The environment variable E(CASSANDRA_USER) is used if this option is not set.
    type: str
  login_password:
    description:
      - The password of O(login_user).
      - The environment variable E(CASSANDRA_PASSWORD) is used if this option is not set.
    type: str
  secure_connect_bundle:
    description:
      - The path of an Astra DB secure connect bundle (the zip file) on the host that runs the module.
      - The bundle names the database and holds the certificates, so it replaces O(login_host) and the C(ssl) options.
        As with every driver, the certificates of the database are verified against the bundle's own authority, and host
        names are not.
      - It may be on a read-only file system. Its private key is unpacked into the module's own temporary directory for
        the moment of connecting.
      - The environment variable E(ASTRA_DB_SECURE_BUNDLE_PATH) is used if this option is not set.
    type: path
  login_token:
    description:
      - An Astra DB application token (C(AstraCS:...)). The same as O(login_user=token) with the token as
        O(login_password).
      - The environment variable E(ASTRA_DB_TOKEN) is used if this option is not set and there is a bundle.
    type: str
  login_sigv4:
    description:
      - Whether to log in to Amazon Keyspaces with AWS credentials, by AWS's Signature Version 4.
      - The credentials are those that the AWS SDK finds on the host that runs the module (E(AWS_PROFILE),
        E(AWS_ACCESS_KEY_ID), the role of the host and so on).
      - It needs the Python package C(cassandra-sigv4) on the host that runs the module, and switches O(ssl) on. The
        service listens on port 9142.
    type: bool
    default: false
    version_added: 0.1.0
  login_region:
    description:
      - The AWS region of the endpoint, for O(login_sigv4).
      - The environment variables E(AWS_REGION) and E(AWS_DEFAULT_REGION) are used if this option is not set, and then
        the region in the name of the endpoint.
    type: str
    version_added: 0.1.0
  ssl:
    description:
      - Whether to encrypt the connection. Without this option it is encrypted if one of the other C(ssl) options is
        given, and with O(login_sigv4).
      - V(false) beside an option that asks to verify something is refused.
      - Unlike in community.cassandra, the server's certificate and host name are verified unless
        O(ssl_validate_certs=false) or O(ssl_check_hostname=false) say otherwise.
    type: bool
  ssl_ca_certs:
    description:
      - The path of a PEM file with the certificates of the authorities to trust.
      - Without it those of the operating system are trusted.
    type: path
    aliases: [ca_cert, ca_path]
  ssl_certfile:
    description:
      - The path of a PEM file with the client's certificate (and its chain), for servers that require one.
      - It may hold the private key as well.
    type: path
    aliases: [client_cert]
  ssl_keyfile:
    description:
      - The path of a PEM file with the private key of O(ssl_certfile).
    type: path
    aliases: [client_key]
  ssl_keyfile_password:
    description:
      - The password of an encrypted private key.
    type: str
  ssl_validate_certs:
    description:
      - Whether to verify the server's certificate. With V(false) anybody can pose as the server and receive the password.
      - An encrypted connection verifies it by default.
    type: bool
    aliases: [validate_certs]
  ssl_check_hostname:
    description:
      - Whether the server's certificate must be for the host name or address under which it was contacted.
      - An encrypted connection requires it by default.
    type: bool
  ssl_server_names:
    description:
      - The names that the servers' certificates carry, by the address or name that is contacted. The name of V(*) is for all
        that are not listed.
      - Each node is asked by the address that the cluster gives for it. Use this option if the certificates carry names and no
        addresses. The certificate is then verified for that name.
    type: dict
    version_added: 0.1.0
  ssl_cert_reqs:
    description:
      - For playbooks that were written for community.cassandra. V(CERT_NONE) is the same as O(ssl_validate_certs=false);
        the other two verify.
      - There the default was V(CERT_NONE). Here it is to verify.
    type: str
    choices: [CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED]
  local_datacenter:
    description:
      - The datacenter that the contact point must be in, to catch a mix-up of clusters or regions.
    type: str
  protocol_version:
    description:
      - The version of the native protocol.
      - By default V(5) is tried (Cassandra 4.0 and later) and then V(4).
    type: int
    choices: [3, 4, 5]
  connect_timeout:
    description:
      - How long connecting may take, in seconds, for all contact points together. This includes the resolution of names, the
        TLS handshake and the login.
    type: float
    default: 5.0
  request_timeout:
    description:
      - How long the answer to one request may take, in seconds. The driver itself gives preparing a statement no more than 10.
    type: float
    default: 12.0
requirements:
  - Python 3.9 or later
  - cassandra-driver 3.29 or later, or scylla-driver in its place
notes:
  - Names mean the same in every option of this collection. Letters, digits and C(_) fold to lower case, as in CQL, so
    C(Created_At) is C(created_at). A name that needs quotes in CQL, such as C(2nd) or C(my column), gets them and keeps its
    case. A name in double quotes, such as C("CreatedAt"), is taken exactly. Reserved words need no quotes.
  - The environment variables are those of the process that runs the module, so with a remote host they are the remote
    ones.
"""
