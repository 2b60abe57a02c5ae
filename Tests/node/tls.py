"""HTTP over TLS: certificates that openssl makes here, clients that do not speak it, and what a start refuses."""

import os
import select
import socket
import ssl
import subprocess
import time

import harness
from harness import BINARY, Client, check

HANDSHAKE = 5


def main(test):
    """The node answers over TLS to who trusts its authority, closes those who do not speak it, and refuses bad pairs."""
    authority, pair = certificates(test)
    node = test.node(test.path("node"), options=["--tls-certificate", pair[0], "--tls-key", pair[1]]).start()
    context = ssl.create_default_context(cafile=authority)
    answers(test, node, context)
    stream(test, node, context)
    strangers(test, node)
    deadline(test, node)
    check(node.stop()[0] == 0, f"SIGTERM: {node.errors()}")
    refusals(test, authority, pair)


def openssl(*words):
    done = subprocess.run(["openssl", *words], capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, f"openssl {words[0]}: {done.stderr}")


def certificates(test):
    """An authority, and a certificate of it for 127.0.0.1 with its key."""
    authority, authority_key = test.path("ca.pem"), test.path("ca.key")
    own, key, request = test.path("tls.pem"), test.path("tls.key"), test.path("tls.csr")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority",
            "-keyout", authority_key, "-out", authority)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request)
    names = test.path("names")
    with open(names, "w") as file:
        file.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial",
            "-days", "2", "-extfile", names, "-out", own)
    os.chmod(key, 0o600)
    return authority, (own, key)


class SecureClient(Client):
    """A client over TLS."""

    def __init__(self, port, key, context):
        super().__init__(port, key)
        self.context = context

    def connect(self):
        super().connect()
        self.socket = self.context.wrap_socket(self.socket, server_hostname="127.0.0.1")


def answers(test, node, context):
    clock = harness.Clock()
    with SecureClient(node.port, node.key, context) as client:
        answer = client.post_lines(harness.setup(clock))
        check(answer.status == 200, f"events over TLS: {answer} {answer.headers}")
        tally = answer.json()
        check(tally["refused"] == 0 and tally["accepted"] > 20, f"events over TLS: {tally}")
        check(client.get("/v1/accounts/a-1")["equity"] == "100000000", "an account over TLS")
        large = client.get("/v1/accounts?limit=1000")
        check(len(large["items"]) == 20, f"the accounts over TLS: {large}")
        version = client.socket.version()
    check(version in ("TLSv1.2", "TLSv1.3"), f"the connection is {version}")
    with SecureClient(node.port, node.key, context) as client:
        client.connect()
        client.socket.sendall(
            f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.key}\r\n"
            "Content-Length: 9000000\r\n\r\n".encode() + bytes(1 << 16))
        answer = client.answer()
        check(answer.status == 413 and answer.json()["code"] == "too_large", f"a body that is too large: {answer}")
    for number in range(20):
        with SecureClient(node.port, node.key, context) as client:
            check(client.get("/v1/status")["seq"] > 0, f"connection {number}")
    try:
        ssl.create_default_context().wrap_socket(
            socket.create_connection(("127.0.0.1", node.port), 10), server_hostname="127.0.0.1")
        check(False, "a client that does not know the authority was satisfied")
    except ssl.SSLCertVerificationError:
        pass
    old = ssl.create_default_context(cafile=test.path("ca.pem"))
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        old.wrap_socket(socket.create_connection(("127.0.0.1", node.port), 10), server_hostname="127.0.0.1")
        check(False, "TLS 1.1 was taken")
    except (ssl.SSLError, OSError):
        pass
    test.say(f"https answers over {version}, verified against its authority; TLS 1.1 is refused")


def stream(test, node, context):
    with SecureClient(node.port, node.key, context) as client:
        client.connect()
        client.socket.sendall(
            f"GET /v1/stream?topics=effects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.key}\r\n\r\n".encode())
        client.socket.settimeout(10)
        received = b""
        while b"event: snapshot" not in received:
            received += client.socket.recv(1 << 16)
        clock = harness.Clock()
        clock.now += 1_000
        with SecureClient(node.port, node.key, context) as other:
            number = other.post_event(harness.Feed("tls", test.seed, clock).command()).json()["seq"]
        while f"id: {number}".encode() not in received:
            received += client.socket.recv(1 << 16)
    test.say("the stream works over TLS")


def strangers(test, node):
    """Plain HTTP on this port ends at once, without an answer."""
    with socket.create_connection(("127.0.0.1", node.port), 10) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        begin = time.monotonic()
        received = b""
        try:
            while part := plain.recv(4_096):
                received += part
        except ConnectionResetError:
            pass
        check(b"HTTP" not in received, f"plain HTTP was answered: {received!r}")
        check(time.monotonic() - begin < 3, "plain HTTP was not closed at once")
    check(node.is_running(), "the node has ended")


def deadline(test, node):
    """Who says nothing, or half of a greeting, is closed in time."""
    silent = socket.create_connection(("127.0.0.1", node.port), 10)
    half = socket.create_connection(("127.0.0.1", node.port), 10)
    half.sendall(b"\x16\x03\x01\x02\x00\x01")
    begin = time.monotonic()
    waiting = {silent, half}
    while waiting and time.monotonic() - begin < HANDSHAKE + 10:
        for one in select.select(list(waiting), [], [], 1)[0]:
            try:
                is_closed = not one.recv(4_096)
            except ConnectionResetError:
                is_closed = True
            if is_closed:
                waiting.remove(one)
    took = time.monotonic() - begin
    check(not waiting, f"after {took:.0f} s {len(waiting)} clients without a handshake are still there")
    check(took > HANDSHAKE - 2, f"they were closed after {took:.1f} s already")
    test.say(f"clients without a handshake are closed after {took:.1f} s")


def refusals(test, authority, pair):
    """A start says what is wrong with a pair, and does not listen for everybody in the clear."""
    own, key = pair
    loose = test.path("loose.key")
    with open(key) as source, open(loose, "w") as file:
        file.write(source.read())
    os.chmod(loose, 0o644)
    expired = test.path("expired.pem")
    openssl("req", "-x509", "-key", key, "-subj", "/CN=old", "-not_before", "20200101000000Z", "-not_after",
            "20200102000000Z", "-out", expired) if newer_openssl() else old_certificate(test, key, expired)
    os.chmod(test.path("ca.key"), 0o600)
    cases = [
        (["--tls-certificate", own], "one of them is missing"),
        (["--tls-certificate", test.path("none"), "--tls-key", key], "cannot be read"),
        (["--tls-certificate", own, "--tls-key", loose], "chmod 600"),
        (["--tls-certificate", key, "--tls-key", key], "no certificate"),
        (["--tls-certificate", own, "--tls-key", test.path("names")], ""),
        (["--tls-certificate", own, "--tls-key", test.path("ca.key")], "belongs together"),
        (["--tls-certificate", expired, "--tls-key", key], "has expired"),
        (["--host", "0.0.0.0"], "--insecure"),
        (["--host", "127.example.invalid"], "--insecure"),
        (["--host", "0.0.0.0", "--tls-key", key], "one of them is missing"),
    ]
    for options, words in cases:
        done = subprocess.run(
            [BINARY, "serve", "--data", test.path("refused"), "--port", "0", *options],
            capture_output=True, text=True, timeout=60)
        check(done.returncode == 2 and words in done.stderr, f"{options}: {done.returncode} {done.stderr}")
        check(not os.path.exists(test.path("refused")), f"{options}: a folder was made")
    test.say(f"{len(cases)} starts with a wrong pair or address were refused, and said why")


def newer_openssl():
    listed = subprocess.run(["openssl", "req", "-help"], capture_output=True, text=True, timeout=60)
    return "-not_before" in listed.stderr + listed.stdout


def old_certificate(test, key, path):
    """A certificate that was valid for a day in 2020, where openssl can only make one with its small authority."""
    folder = test.path("old")
    os.makedirs(folder, exist_ok=True)
    for name, text in [("index.txt", ""), ("serial", "01\n")]:
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    settings = os.path.join(folder, "settings")
    with open(settings, "w") as file:
        file.write(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={folder}/index.txt\nserial={folder}/serial\nnew_certs_dir={folder}\n"
            "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
    request = os.path.join(folder, "request")
    openssl("req", "-new", "-key", key, "-subj", "/CN=old", "-out", request)
    openssl("ca", "-batch", "-config", settings, "-selfsign", "-keyfile", key, "-in", request, "-out", path,
            "-startdate", "20200101000000Z", "-enddate", "20200102000000Z", "-notext")


if __name__ == "__main__":
    harness.run(main)
