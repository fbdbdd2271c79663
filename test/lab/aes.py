"""AES-128 encryption of single blocks (FIPS 197), for Milenage.

Slow and open to timing attacks: for a test network only.
"""


def _xtime(a):
    return ((a << 1) ^ 0x1b) & 0xff if a & 0x80 else a << 1


def _make_sbox():
    """FIPS 197 s5.1.1: inverse in GF(2^8), then the affine map."""
    sbox, p, q = [0] * 256, 1, 1
    while True:
        p ^= _xtime(p)                  # p runs over the powers of 3
        q ^= q << 1                     # q over those of 1/3
        q ^= q << 2
        q ^= q << 4
        q &= 0xff
        if q & 0x80:
            q ^= 0x09
        x = q
        for shift in (1, 2, 3, 4):
            x ^= (q << shift | q >> (8 - shift)) & 0xff
        sbox[p] = x ^ 0x63
        if p == 1:
            sbox[0] = 0x63
            return sbox


SBOX = _make_sbox()


def _expand(key):
    """FIPS 197 s5.2: eleven round keys of 16 octets."""
    words, rcon = [key[i:i + 4] for i in range(0, 16, 4)], 1
    for i in range(4, 44):
        word = words[-1]
        if i % 4 == 0:
            word = bytes(SBOX[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ rcon]) + word[1:]
            rcon = _xtime(rcon)
        words.append(bytes(a ^ b for a, b in zip(words[-4], word)))
    return [b''.join(words[i:i + 4]) for i in range(0, 44, 4)]


def _mix(col):
    """FIPS 197 s5.1.3 for one column."""
    every = col[0] ^ col[1] ^ col[2] ^ col[3]
    return [col[i] ^ every ^ _xtime(col[i] ^ col[(i + 1) % 4])
            for i in range(4)]


def encrypt(key, block):
    """One 16-octet block under a 16-octet key."""
    keys = _expand(key)
    state = [a ^ b for a, b in zip(block, keys[0])]
    for rnd in range(1, 11):
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if rnd < 10:
            state = sum((_mix(state[i:i + 4]) for i in range(0, 16, 4)), [])
        state = [a ^ b for a, b in zip(state, keys[rnd])]
    return bytes(state)
