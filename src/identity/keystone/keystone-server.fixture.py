"""Runs Debian's keystone on loopback, in a folder of its own, until its standard input closes.

Arguments: the folder, and the password of the user admin. Prints the port.
"""
import base64
import os
import sqlite3
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

folder, password = sys.argv[1], sys.argv[2]
sys.argv = sys.argv[:1]

for name in ('fernet', 'credential'):
    os.makedirs(f'{folder}/{name}', mode=0o700)
    for key in ('0', '1'):
        with open(os.open(f'{folder}/{name}/{key}', os.O_CREAT | os.O_WRONLY, 0o600), 'wb') as file:
            file.write(base64.urlsafe_b64encode(os.urandom(32)))
with open(f'{folder}/keystone.conf', 'w') as file:
    file.write(f'''[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///{folder}/keystone.db
sqlite_synchronous = false
[fernet_tokens]
key_repository = {folder}/fernet
[fernet_receipts]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credential
[identity]
password_hash_rounds = 4
''')

# A connection of the pool that reads must not keep another from writing.
with sqlite3.connect(f'{folder}/keystone.db') as database:
    database.execute('PRAGMA journal_mode=WAL')

from keystone.cmd import bootstrap
from keystone.common.sql import upgrades
from keystone.server.flask import core

application = core.initialize_application(name='public', config_files=[f'{folder}/keystone.conf'])
upgrades.offline_sync_database_to_version()


class Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


server = make_server('127.0.0.1', 0, application, WSGIServer, Handler)
# The application has loaded them, and they are loaded once.
bootstrap.backends.load_backends = lambda: None
first = bootstrap.Bootstrapper()
first.admin_username = first.project_name = first.admin_role_name = 'admin'
first.admin_password = password
first.service_name = 'keystone'
first.region_id = 'region'
first.public_url = f'http://127.0.0.1:{server.server_port}/v3'
first.immutable_roles = False
first.bootstrap()
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
