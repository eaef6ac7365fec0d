"""An SMTP server for tests: smtp_server.py MODE CERT KEY, where MODE is starttls, tls or none.

Prints its port, then a line of JSON for each message. Whoever sends must sign in as trailhound / hunter2, but for MODE none.
Recipients at refused.example are refused for good, those at busy.example for now."""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return "550 hunter2 is not here"
        if address.endswith("@busy.example"):
            return "451 hunter2 is busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = {
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None or mode == "tls",
            "user": session.auth_data and session.auth_data.login.decode(), "text": envelope.content.decode(),
        }
        print(json.dumps(message), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"trailhound", b"hunter2")
    # Not handled: the server says 535 by itself.
    return AuthResult(success=good, handled=good, auth_data=data)


mode, cert, key = sys.argv[1:4]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)


def protocol():
    options = {"hostname": "localhost", "authenticator": authenticate, "auth_required": mode != "none"}
    if mode == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    else:
        options |= {"auth_require_tls": False}
    return SMTP(Handler(), loop=asyncio.get_running_loop(), **options)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Until whoever started this is gone.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
