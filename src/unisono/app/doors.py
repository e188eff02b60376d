"""Opening the web door: plain HTTP on loopback or behind a proxy, HTTPS everywhere else."""

import ipaddress
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from unisono.app.settings import WebSettings
from unisono.kernel.errors import Culprit, Invalid, Retry, Unavailable


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_unspecified(host: str) -> bool:
    """Whether an address stands for all of this machine's."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def check_settings(web: WebSettings) -> None:
    """Raises `Invalid` where passwords would cross a network in the clear, or no door is open."""
    if not web.port and not web.tls_port:
        raise Invalid("no-door", "Both web.port and web.tls_port are 0: nobody could reach the server. Set one.")
    if web.port and not is_loopback(web.host) and not web.behind_proxy:
        raise Invalid(
            "plain-http",
            f"web.host is {web.host}: passwords would cross the network in the clear. Set web.port = 0 and "
            "web.tls_port = 7225, or web.behind_proxy = true when a proxy in front speaks TLS.",
        )


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket; raises `Unavailable` that names the port and the remedy. `shared`: one of several on this port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise Unavailable(
            "port-taken",
            f"Cannot listen on {host} port {port}: {error.strerror}. Is another server running there? "
            "Stop it, or set another port.",
            culprit=Culprit.USER,
            retry=Retry.ASK_ADMIN,
        ) from error
    sock.listen(2048)
    sock.setblocking(False)  # for all processes that share it: else whoever comes too late to `accept` would wait in it
    sock.set_inheritable(True)
    return sock


def can_have_certificate() -> bool:
    """Whether a certificate can be made where none is set."""
    return shutil.which("openssl") is not None


def certificate(web: WebSettings, folder: Path) -> tuple[Path, Path]:
    """Certificate and key for HTTPS: as set, else a self-signed pair made once in the data folder."""
    if web.certificate:
        pair = Path(web.certificate), Path(web.key or web.certificate)
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(*pair)
        except (OSError, ssl.SSLError) as error:
            raise Invalid("certificate", f"Cannot use certificate {pair[0]} with key {pair[1]}: {error}.") from error
        return pair
    pair = folder / "server.crt", folder / "server.key"
    if not (pair[0].exists() and pair[0].stat().st_size):
        _make_certificate(*pair)
    return pair


def _make_certificate(certificate: Path, key: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        raise Unavailable(
            "openssl-missing",
            "No certificate is set, and openssl is not there to make one. Set web.certificate, or install openssl.",
            culprit=Culprit.USER,
            retry=Retry.ASK_ADMIN,
        )
    name = socket.getfqdn()[:64]
    names = ",".join(f"DNS:{each}" for each in dict.fromkeys((name, "localhost")))
    try:
        # A full disk leaves empty files, of which openssl says nothing: the pair takes its place when it is whole.
        with TemporaryDirectory(dir=certificate.parent) as folder:
            made = Path(folder, certificate.name), Path(folder, key.name)
            subprocess.run(  # noqa: S603
                [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "825",
                 "-subj", f"/CN={name}", "-addext", f"subjectAltName={names},IP:127.0.0.1",
                 "-keyout", str(made[1]), "-out", str(made[0])],
                check=True,
                capture_output=True,
            )  # fmt: skip
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(*made)
            made[1].chmod(0o600)
            made[1].replace(key)
            made[0].replace(certificate)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(
            "certificate-not-made",
            f"No certificate can be made in {certificate.parent}: {error}. Is the disk full? "
            "Free space, or set web.certificate.",
            retry=Retry.ASK_ADMIN,
        ) from error
