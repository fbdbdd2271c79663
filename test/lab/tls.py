"""A certificate that signs itself, and TLS by OpenSSL with it (RFC 8122)."""
import hashlib
import os
import ssl
import subprocess


def fingerprint(der):
    """The value of a=fingerprint (RFC 8122 s5)."""
    return 'SHA-256 ' + ':'.join('%02X' % b
                                 for b in hashlib.sha256(der).digest())


class Certificate:
    """announced: what the description says; a test may say another."""

    def __init__(self, folder):
        key, crt = (os.path.join(folder, n) for n in ('key.pem', 'crt.pem'))
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
             'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=lab',
             '-days', '2', '-keyout', key, '-out', crt], check=True,
            stderr=subprocess.DEVNULL)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.client.check_hostname = False
        self.client.verify_mode = ssl.CERT_NONE
        for context in (self.server, self.client):
            context.load_cert_chain(crt, key)
        with open(crt, encoding='ascii') as f:
            self.announced = fingerprint(ssl.PEM_cert_to_DER_cert(f.read()))
