"""Digest credentials: MD5 (RFC 2617), SHA-256 (RFC 7616, RFC 8760),
AKAv1-MD5 (RFC 3310) and AKAv2-MD5 / AKAv2-SHA-256 (RFC 4169)."""
import base64
import hashlib
import hmac

HASHES = {'MD5': 'md5', 'AKAV1-MD5': 'md5', 'AKAV2-MD5': 'md5',
          'SHA-256': 'sha256', 'AKAV1-SHA-256': 'sha256',
          'AKAV2-SHA-256': 'sha256'}


def aka_password(algorithm, keys):
    """The password that an AKA run yields."""
    if algorithm.upper().startswith('AKAV2'):
        # RFC 4169 s2.1
        mac = hmac.new(keys.res + keys.ik + keys.ck,
                       b'http-digest-akav2-password',
                       HASHES[algorithm.upper()])
        return base64.b64encode(mac.digest())
    return keys.res                     # RFC 3310 s3.3: the raw octets


def response(algorithm, username, realm, password, method, uri, nonce,
             qop=None, nc='', cnonce='', body=b''):
    """RFC 2617 s3.2.2; password is octets."""
    name = HASHES[algorithm.upper()]

    def h(data):
        return hashlib.new(name, data).hexdigest()

    a1 = ('%s:%s:' % (username, realm)).encode() + password
    a2 = '%s:%s' % (method, uri)
    if qop == 'auth-int':
        a2 += ':' + h(body)
    text = [h(a1), nonce, h(a2.encode())]
    if qop:
        text[2:2] = [nc, cnonce, qop]
    return h(':'.join(text).encode())


def make(auth, algorithm, password, method, body=b''):
    """The response that belongs to parsed credentials."""
    return response(algorithm, auth['username'], auth['realm'], password,
                    method, auth['uri'], auth['nonce'], auth.get('qop'),
                    auth.get('nc', ''), auth.get('cnonce', ''), body)


def good(auth, algorithm, password, method, body=b''):
    """Whether parsed credentials hold the right response."""
    return hmac.compare_digest(
        make(auth, algorithm, password, method, body),
        auth.get('response', ''))


def rspauth(auth, algorithm, password, body=b''):
    """RFC 2617 s3.2.3: the network's own proof, A2 without the method."""
    return make(auth, algorithm, password, '', body)
