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
    # security agreement; needs a Box with a Wire
    sec: str = 'off'                 # on: demanded of every UE
    # Security-Server: ALG/EALG=Q ..., what is offered is what is done
    sec_algs: str = 'hmac-sha-1-96/aes-cbc=0.9 hmac-sha-1-96/null=0.7'
    sec_padded: bool = True          # SPIs of ten digits
    sec_temporary: int = 240         # seconds of a temporary set
    sec_down: str = 'same'           # requests to the UE: same, udp or tcp
    sec_linger: bool = False         # ... over the old set while possible
    # conference server
    conf_media: str = 'message'      # of its own offers: message+audio ...
    conf_accept: str = 'message+audio'  # of the UE's offers
    conf_setup: str = 'active'       # RFC 6135 in its offers
    conf_answer: str = 'passive'     # and as the answer to actpass
    conf_chatroom: bool = True       # RFC 7701
    conf_rel: str = 'auto'           # reliable 183: auto (preconditions),
                                     # always or never
    conf_preconditions: bool = False    # in its own INVITEs
    conf_expires: int = 0            # most seconds granted, 0 = as asked
    conf_partial: bool = True        # partial documents after the first one
    conf_form: str = ''              # seed or draft: as those texts print it
    conf_last: str = 'full'          # or empty: the last NOTIFY
    conf_late_200: float = 0.0       # seconds from the first NOTIFY to the
                                     # 200 to its SUBSCRIBE, 0 = 200 first
    conf_late_answer: float = 0.0    # seconds that a 2xx to INVITE takes,
                                     # while its stream begins at once
    conf_sub_ends: bool = False      # who leaves is unsubscribed, too
    conf_refer: int = 202            # answer to REFER; 300 and up refuses
    conf_refuse: int = 0             # answer to INVITE, 0 = take it
    conf_challenge: bool = False     # 407 to the first INVITE
    conf_hold: str = 'sendonly'      # direction towards one put on hold
    initiate_refer: str = 'draft'    # or both: refer NOTIFYs, too
    # what the checks expect of the UE
    expires: int = 600000            # TS 24.229 s5.1.1.2.1; 0 accepts any
    udp_limit: int = 1300            # RFC 3261 s18.1.1; 0: told to use UDP
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
