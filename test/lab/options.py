"""Every switch of the lab that may be set at start and at run time."""
from dataclasses import dataclass, fields

HOME = 'ims.mnc001.mcc001.3gppnetwork.org'


@dataclass
class Options:
    """Names are those of the control line `set NAME VALUE`."""

    # the registrar
    algorithm: str = 'AKAv1-MD5'     # also AKAv2-MD5, AKAv2-SHA-256
    qop: str = 'auth'                # none, auth, auth-int or "auth,auth-int"
    opaque: str = ''                 # '' sends none
    server_data: int = 0             # octets after RAND and AUTN in the nonce
    challenge: str = 'always'        # re-registrations: always or never
    grant: int = 0                   # most seconds granted, 0 = as asked
    min_expires: int = 0             # below: 423 with this Min-Expires
    auth_info: str = 'off'           # Authentication-Info: off, good, bad
    gruu: bool = True
    service_route: str = ''          # space-separated URIs; '' the S-CSCF's
    # registration event package
    sub_grant: int = 0
    partial: bool = False            # partial documents after the first one
    # P-CSCF
    keep: int = 0                    # seconds in the Via keep parameter, 0 none
    style: str = 'normal'            # normal, compact, folded, lower headers
    tcp_down: str = 'reuse'          # requests to the UE: reuse or connect
    extras: bool = False             # headers and parameters nobody knows
    sigcomp: bool = False            # comp=sigcomp, compressed where asked
    # the next two are read when a P-CSCF starts and by `sigcomp forget`
    sigcomp_sms: int = 4096          # state memory for each UE
    sigcomp_nack: bool = True        # RFC 4077; off is SigComp version 1
    # what the checks expect of the UE
    expires: int = 600000            # TS 24.229 s5.1.1.2.1; 0 accepts any
    check: bool = True

    def set(self, name, text):
        for field in fields(self):
            if field.name == name:
                kind = type(getattr(self, name))
                if kind is bool:
                    if text not in ('on', 'off'):
                        raise ValueError('%s is on or off' % name)
                    setattr(self, name, text == 'on')
                else:
                    setattr(self, name, kind(text))
                return
        raise ValueError('no option %s' % name)
