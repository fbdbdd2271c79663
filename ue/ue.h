/**
 * @file ue.h  The UE: the whole interface for applications and ports
 *
 * An application includes only this file.  All storage is the caller's:
 *
 *     static struct ue ue;
 *
 *     err = ue_init(&ue, &settings, &port, event_handler, NULL);
 *     err = ue_register(&ue);
 *     for (;;) {
 *             uint32_t wait_ms;
 *
 *             ue_poll(&ue, now_ms(), &wait_ms);
 *             // sleep up to wait_ms, hand in what was received
 *     }
 *
 * Rules
 *  - One task owns a struct ue and makes all calls.  Other tasks and
 *    interrupts hand over through the port's queue.  The libraries have no
 *    data of their own: tasks may each own a struct ue, without locks.  Ports
 *    are there once and are one task's (random numbers, logger, pools and
 *    loop of ports/common; all of the FreeRTOS port).
 *  - A struct ue holds pointers into itself: it is not copied or moved.  What
 *    includes this file is compiled with the values that the libraries have
 *    (ue_config.h): they decide its size.
 *  - A command returns 0 = accepted, or an errno and nothing happens.  An
 *    accepted command has exactly one outcome event; ue_address_changed(),
 *    ue_set_access_network() and ue_message_displayed() have none.
 *  - Before ue_init() (of a struct that is zero) and after ue_close() a
 *    command returns EINVAL; ue_message_send(), ue_message_abort(),
 *    ue_nickname() and those that name a transfer ENOENT; those with a struct
 *    ue_conf EPROTO.
 *  - Events are delivered from ue_poll() only.  Event handlers may issue
 *    commands.  No handler of the application or port, whatever it is for,
 *    calls ue_init(), ue_poll(), ue_close() or ue_flow_*().  open_h, data_h,
 *    page_h, read_h, write_h, log and trace only look and note: they call no
 *    function of this file but ue_message_displayed() (from page_h) and those
 *    that read state.
 *  - Members of the structs are private unless they are described here.
 *
 * Over 800 lines: an application is to find all that it can use in one file.
 */
#ifndef UE_H
#define UE_H

#include "ue/ue_config.h"
#include "ue/ue_port.h"
#include "ue/ue_timer.h"
#include "ue/sip/sip.h"
#include "ue/sip/comp.h"
#include "ue/ims/registration.h"
#include "ue/services/conference.h"
#include "ue/services/session.h"
#include "ue/services/messaging.h"
#include "ue/services/file.h"
#include "ue/services/page.h"

/** Of the interface; what each changed is in docs/changes.md.  While the
 *  first number is 0 any second number may change a declaration. */
#define UE_VERSION "0.1.0"

struct ue;

/** A codec for audio sessions (RFC 4566 s6) */
struct ue_codec {
	const char *name;       /**< encoding name, one channel: "AMR-WB" */
	uint32_t rate_hz;       /**< clock rate: 16000                   */
	uint8_t pt;             /**< payload type to offer, 0..127       */
	const char *fmtp;       /**< parameters, NULL = none             */
};

/** What the application can do with audio.  It sends and receives the RTP
 *  itself */
struct ue_audio {
	uint16_t port;          /**< own RTP port, not 0                 */
	const struct ue_codec *codecv;  /**< in order of preference      */
	unsigned codecc;        /**< 1..UE_CODECS_MAX                    */
	uint16_t kbits;         /**< b=AS: of one direction with RTP, UDP
				 *   and IP (TS 24.229 6.1.1); 0 = 80    */
	/** Own ports of sessions are port, port + step, ... up to port +
	 *  (UE_SESSIONS_MAX - 1) * step; ue_media.port says which.  0 = all
	 *  have the same */
	uint16_t step;
};

/** What was negotiated, or is offered by the peer */
struct ue_media {
	struct ue_addr remote;  /**< where RTP goes; family 0: nowhere   */
	uint16_t port;          /**< own RTP port, of ue_audio           */
	bool messages : 1;      /**< there are messages (MSRP)           */
	bool send : 1;          /**< we may send audio                   */
	bool receive : 1;       /**< we may receive it                   */
	bool audio : 1;         /**< private: `stream` is audio          */
	uint8_t codecc;         /**< codecs, the preferred first; 0: there
				 *   is no audio                         */
	uint8_t codecv[UE_CODECS_MAX];  /**< index in ue_audio.codecv    */
	uint8_t ptv[UE_CODECS_MAX];     /**< payload type to send        */
	/** Modes of AMR and AMR-WB that the peer takes (RFC 4867 s8.1,
	 *  mode-set): bit 0 is mode 0 ...; 0: all */
	uint16_t modesv[UE_CODECS_MAX];
	uint8_t ptime_ms;       /**< wanted in a packet (RFC 4566 s6); 0: it
				 *   says nothing                        */
	uint8_t stream;         /**< private: number in the description  */
};

/** Security of the access (TS 33.203) */
enum ue_sec {
	UE_SEC_NONE = 0,        /**< plain SIP, digest AKA only          */
	/** Security agreement (RFC 3329) and associations of ipsec-3gpp.  The
	 *  port must have ipsec_install() */
	UE_SEC_IPSEC
};

/** Timer values of SIP transactions */
enum ue_timer_profile {
	UE_TIMERS_IMS = 0,      /**< TS 24.229 7.7: T1 2 s, T2 16 s, T4 17 s */
	UE_TIMERS_RFC3261       /**< T1 0.5 s, T2 4 s, T4 5 s            */
};

/** Transport towards the P-CSCF */
enum ue_transport_choice {
	UE_TRANSPORT_AUTO = 0,  /**< UDP; TCP above the size limit of
				 *   RFC 3261 18.1.1                     */
	UE_TRANSPORT_UDP_ONLY,
	UE_TRANSPORT_TCP_ONLY
};

/**
 * Settings.  The struct and all that it points to, however deep, are the
 * caller's and must live and stay unchanged until ue_close() has returned; but
 * `local` may be changed right before ue_address_changed(), and contact_params
 * right before ue_reregister(), by the task that owns the UE.  Other P-CSCFs,
 * or another version of IP, take ue_deregister(), ue_close() and ue_init().  A
 * pointer may be NULL, a number 0 where a default is named.
 */
struct ue_settings {
	/* identities (TS 24.229 5.1.1.1A); NULL = from the card */
	const char *impi;       /**< private identity: user@realm        */
	const char *impu;       /**< public identity: sip:...            */
	const char *home;       /**< home network domain                 */
	const char *imei;       /**< 14..16 digits; NULL = from the port;
				 *   none: an UUID kept in NV memory     */
	/** Password of a plain registrar (MD5, SHA-256); NULL = AKA only.  A
	 *  challenge to an INVITE is answered where its realm is that of the
	 *  registration and it asks for qop=auth */
	const char *password;

	/** P-CSCFs in order of preference, each `host`, `host:port`,
	 *  `1.2.3.4:port` or `[v6]:port`; the list ends with NULL */
	const char *pcscfv[UE_PCSCF_MAX + 1];
	/** Own address; family 0 = chosen by the port.  A port other than 0
	 *  is the (unprotected) port that is used */
	struct ue_addr local;
	enum ue_transport_choice transport;
	enum ue_sec sec;
	/** UE_SEC_IPSEC: pairs of algorithms in order of preference, each
	 *  `alg/ealg` in the words of TS 33.203 annex H, with commas between:
	 *  "hmac-sha-1-96/aes-cbc,hmac-sha-1-96/null".  NULL = all that were
	 *  built, the strongest first.  What the port cannot do
	 *  (ipsec_pair()) is left out of the offer */
	const char *sec_algs;
	/** SPIs in Security-Client as plain numbers, not as the ten digits of
	 *  TS 33.203 annex H */
	bool sec_plain_spi;
	/** Range of the protected ports, both ends included; 0 =
	 *  IPSEC_PORT_MIN, IPSEC_PORT_MAX */
	uint16_t sec_port_min;
	uint16_t sec_port_max;
	enum ue_timer_profile timers;

	/** SigComp with the P-CSCF (TS 24.229 8.1).  With UE_SEC_NONE all is
	 *  compressed from the first REGISTER on: the P-CSCF must know it */
	bool sigcomp;
	/** decompression_memory_size: 8192 * 2^n to SIGCOMP_DMS; 0 = that */
	uint32_t sigcomp_dms;
	/** state_memory_size: 2048 * 2^n to SIGCOMP_SMS; 0 = that */
	uint32_t sigcomp_sms;
	/** cycles_per_bit: 16, 32, 64 or 128; 0 = 16 */
	uint32_t sigcomp_cpb;

	uint32_t expires_s;     /**< wanted registration; 0 = 600000     */
	/** P-Access-Network-Info value (TS 24.229 7.2A.4), NULL = none.  See
	 *  ue_set_access_network() */
	const char *access_network_info;
	/** Privacy value (RFC 3323 s4.2, RFC 3325 s9.3) of what begins
	 *  something and of answers to INVITE: "id" hides who we are, "none"
	 *  overrides what the network does for us, NULL leaves it to that */
	const char *privacy;
	/** Feature tags of the Contact, each with its leading `;`, NULL =
	 *  none: `;+g.3gpp.icsi-ref="..."` */
	const char *contact_params;
	const char *user_agent; /**< User-Agent header, NULL = none      */
	/** Sessions wait until resources are there on both sides (RFC 3312);
	 *  struct ue_port.qos_reserve is asked */
	bool preconditions;
	/** Audio sessions; NULL = none, they are refused */
	const struct ue_audio *audio;
	/** Messages by MSRP in sessions and conferences; NULL = none, they are
	 *  refused.  The port must have flow_sendv() */
	const struct ue_messaging *messaging;
	bool no_gruu;           /**< do not ask for a GRUU (RFC 5627)    */
	bool no_reg_event;      /**< do not subscribe to `reg`           */
	bool no_keepalive;      /**< do not offer RFC 6223 keep-alives   */
};

/** Why a registration ended */
enum ue_dereg {
	UE_DEREG_USER = 0,      /**< ue_deregister()                     */
	UE_DEREG_REJECTED,      /**< reg event `rejected`: stays so      */
	UE_DEREG_DEACTIVATED,   /**< `deactivated`: registers again      */
	UE_DEREG_PROBATION,     /**< `probation`: again after a wait     */
	UE_DEREG_EXPIRED,       /**< `expired`, or the own timer ran out */
	UE_DEREG_UNREGISTERED,  /**< `unregistered`                      */
	UE_DEREG_TERMINATED,    /**< registration state `terminated`, without
				 *   a word about the own contact: none,
				 *   or several that are not known       */
	UE_DEREG_FAILED,        /**< re-registration failed              */
	UE_DEREG_ADDRESS        /**< ue_address_changed()                */
};

/** Types of events.  [o] = outcome of a command.
 *
 *  How something ended, where nothing else is said.  err 0: by `status`, or
 *  with by_peer the other side has hung up: `status` is the SIP cause of its
 *  Reason then (RFC 3326; 200: another device has answered), without one 0,
 *  or 487 before the answer.  ECANCELED: by a command of ours.
 *  ECONNABORTED: the registration has ended.  ETIMEDOUT: no answer.  EACCES: a
 *  challenge that has no answer.  EBUSY: resources were refused.  EPROTO: the
 *  peer broke the rules.  Other values: why the request could not be sent */
enum ue_event_type {
	/** The REGISTER of an initial registration leaves; text = P-CSCF */
	UE_EVENT_REGISTERING = 1,
	/** A challenge came; status 401; text = algorithm and finding:
	 *  "AKAv1-MD5 ok", "... MAC failure", "... SQN failure"; of a
	 *  password "MD5 ok", "... refused" */
	UE_EVENT_CHALLENGE,
	/** [o] of ue_register(); also after an automatic registration;
	 *  expires_s, text = default public identity */
	UE_EVENT_REGISTERED,
	/** An attempt failed, the next one starts in wait_ms; status or err */
	UE_EVENT_REGISTER_RETRY,
	/** [o] of ue_register(): given up; status and err, text = reason.
	 *  EACCES: 403, a wrong password, or the network has not proved who it
	 *  is; ENOENT: no card; EIO: the card or cryptography failed; ENOTSUP:
	 *  no algorithm that may be used; EPROTO: refused by the status;
	 *  EOVERFLOW: a REGISTER or Service-Route is too long; ECANCELED:
	 *  ue_deregister(); else what ipsec_install() has returned */
	UE_EVENT_REGISTER_FAILED,
	/** A re-registration succeeded; [o] of ue_reregister(); expires_s */
	UE_EVENT_REREGISTERED,
	/** [o] of ue_deregister() with dereg USER; or the network's doing:
	 *  dereg, wait_ms until an automatic registration (0 = at once when
	 *  `again`); [o] of ue_reregister() with any reason.  USER: status or
	 *  err where the network did not confirm it */
	UE_EVENT_DEREGISTERED,
	/** Subscribed to the registration event; expires_s */
	UE_EVENT_REG_SUBSCRIBED,
	/** That subscription ended or failed; status, text = reason; wait_ms
	 *  when it will be tried again */
	UE_EVENT_REG_SUBSCRIPTION_ENDED,
	/** A reginfo document was accepted; version, text = state and event
	 *  of the own contact */
	UE_EVENT_REG_INFO,
	/** A flow to the P-CSCF was lost; err.  EPROTO: it answers 494.
	 *  ETIMEDOUT: a request had no answer at all, the UE registers again
	 *  to see whether the P-CSCF still knows it */
	UE_EVENT_FLOW_FAILED,
	/** A set of security associations is in use from now on; expires_s =
	 *  its lifetime; text = pair, then ports and SPIs: "hmac-sha-1-96/
	 *  aes-cbc uc 31001 us 31002 pc 5063 ps 5064 spi-uc 4096 spi-us 4097
	 *  spi-pc 4098 spi-ps 4099" (one line) */
	UE_EVENT_SECURITY,

	/** Messages can be sent in a session: session */
	UE_EVENT_MESSAGING_READY,
	/** The connection for messages could not be made or is lost: session,
	 *  err, status (MSRP).  The session goes on without, until an offer of
	 *  either side, as that of ue_session_resume(), makes another one (RFC
	 *  4975 s5.4): UE_EVENT_MESSAGING_READY.  Where the peer has removed
	 *  or refused them (media.messages, ECONNRESET) it is for an offer of
	 *  the peer */
	UE_EVENT_MESSAGING_LOST,
	/** The MSRP relay lets sessions begin: expires_s of the first URI.
	 *  Their URIs are refreshed by new offers */
	UE_EVENT_RELAY_READY,
	/** It does not, or not any more: err, status (MSRP).  EACCES: it is
	 *  not tried again before the UE registers anew; else by itself */
	UE_EVENT_RELAY_LOST,
	/** A message is complete: session, message */
	UE_EVENT_MESSAGE_RECEIVED,
	/** It is a notification (RFC 5438) of what became of a message of
	 *  ours: session (0: it came by MESSAGE, and message.arg is NULL),
	 *  message (about, notice; arg: its sink's, whose memory is the
	 *  application's again), text = whose; by MESSAGE it is the network
	 *  that says whose */
	UE_EVENT_MESSAGE_NOTIFIED,
	/** A message that had begun will not be complete: session, message
	 *  (len: what is there), err */
	UE_EVENT_MESSAGE_BROKEN,
	/** [o] of ue_message_send(): all has arrived at the next hop, or with
	 *  `report` at the peer: session, message */
	UE_EVENT_MESSAGE_SENT,
	/** [o] of ue_message_send(): session, message (len: what was
	 *  confirmed), err, status (MSRP) */
	UE_EVENT_MESSAGE_FAILED,
	/** [o] of ue_nickname(): session, status (MSRP: 200, 403, 424, 425) or
	 *  err */
	UE_EVENT_NICKNAME,
	/** [o] of ue_page_send(): the next hop has it (RFC 3428): message.arg,
	 *  status */
	UE_EVENT_PAGE_SENT,
	/** [o] of ue_page_send(): refused or not answered: message.arg, status
	 *  or err */
	UE_EVENT_PAGE_FAILED,

	/** Somebody wants to send us a file, or to have one of us: session =
	 *  number of the transfer, text = who; ue_file_info(),
	 *  ue_file_accept() or ue_file_end() */
	UE_EVENT_FILE_OFFERED,
	/** The first octets of a file move: session = number of the transfer,
	 *  message.arg */
	UE_EVENT_FILE_STARTED,
	/** [o] of ue_file_send(), _fetch(), _accept(): all has arrived and is
	 *  as it was described: session = number of the transfer, message
	 *  (arg: of struct ue_file, len: position, total: size) */
	UE_EVENT_FILE_DONE,
	/** [o] of the same, of ue_file_end(), and after UE_EVENT_FILE_OFFERED
	 *  when the peer gave up: session, message (len: position up to which
	 *  the octets have arrived, from where the transfer began), err or
	 *  status (SIP or MSRP).  EBADMSG: other octets, another size or type
	 *  than was described; EMSGSIZE too many octets; ECANCELED aborted;
	 *  ECONNREFUSED the peer refused it in its answer; ECONNRESET the
	 *  connection or the session ended; ETIMEDOUT also: no octet had moved
	 *  after 120 seconds of the session; what write_h returned */
	UE_EVENT_FILE_FAILED,

	/** Somebody calls, and everything is ready for an answer: session,
	 *  text = who, media: what is offered (neither codecs nor messages: an
	 *  INVITE without an offer); ue_session_accept() or
	 *  ue_session_reject() */
	UE_EVENT_SESSION_INCOMING,
	/** The other side was reached: session, status (180: it rings),
	 *  media: what it plays before it answers.  Where many come at once
	 *  some are left out */
	UE_EVENT_SESSION_PROGRESS,
	/** [o] of ue_session_start() and ue_session_accept(): session,
	 *  media */
	UE_EVENT_SESSION_ESTABLISHED,
	/** [o] of ue_session_start(): session, status or err, text = reason;
	 *  wait_ms: the network wants no new attempt before.  3xx: text =
	 *  where it leads, `sip:a@x, sip:b@x`; EACCES: a challenge (401, 407)
	 *  that a password of the settings does not answer */
	UE_EVENT_SESSION_FAILED,
	/** [o] of ue_session_hold() and ue_session_resume(): session, media */
	UE_EVENT_SESSION_MODIFIED,
	/** [o] of the same: all stays as it was; status or err */
	UE_EVENT_SESSION_MODIFY_FAILED,
	/** The other side has changed the session, or before ESTABLISHED what
	 *  it plays: session, held, media */
	UE_EVENT_SESSION_CHANGED,
	/** [o] of ue_session_end(), ue_session_reject() and, where the caller
	 *  gave up meanwhile, ue_session_accept(): session, status or err;
	 *  by_peer: the other side has ended it.  What becomes of messages
	 *  under way in it, or in a conference, is told after its end */
	UE_EVENT_SESSION_ENDED,

	/* conferences: conf; session = number for messages, 0 = none;
	 * text = its URI where nothing else is said */

	/** [o] of ue_conf_create(), ue_conf_join(), ue_conf_accept(): media,
	 *  held */
	UE_EVENT_CONF_JOINED,
	/** [o] of the same, as UE_EVENT_SESSION_FAILED; EOVERFLOW: the URI of
	 *  the focus is longer than UE_URI_MAX - 1; conf is void when the
	 *  handler returns */
	UE_EVENT_CONF_FAILED,
	/** Somebody (ue_conf_inviter()) wants us in a conference (media, as
	 *  for UE_EVENT_SESSION_INCOMING; by a REFER it is NULL):
	 *  ue_conf_accept() or ue_conf_leave() */
	UE_EVENT_CONF_INVITATION,
	/** [o] of ue_conf_leave() (err and status 0, not by_peer); also when
	 *  the focus removed us (by_peer), an invitation was withdrawn, or
	 *  what we watched has ended: status or err, text = reason; conf is
	 *  void when the handler returns.  It is the outcome of what was
	 *  asked of the subscription, too, where that has none before */
	UE_EVENT_CONF_ENDED,
	/** [o] of ue_conf_invite(), ue_conf_remove(), ue_conf_end(),
	 *  ue_conf_move() and others that ask by REFER: request, text = URI;
	 *  status = how it ended there (2xx: done), 0 with err = not known */
	UE_EVENT_CONF_REQUEST_DONE,
	/** [o] of ue_conf_hold(): media, held */
	UE_EVENT_CONF_MODIFIED,
	/** [o] of the same: all stays as it was; status or err */
	UE_EVENT_CONF_MODIFY_FAILED,
	/** The focus has changed the session, or before JOINED what it plays:
	 *  held, media */
	UE_EVENT_CONF_CHANGED,
	/** [o] of ue_conf_subscribe(), ue_conf_watch(); expires_s */
	UE_EVENT_CONF_SUBSCRIBED,
	/** [o] of ue_conf_unsubscribe(), and of ue_conf_subscribe() without
	 *  `again`: status or err, text = reason; wait_ms */
	UE_EVENT_CONF_SUBSCRIPTION_ENDED,
	/** The roster has changed (ue_conf_roster()); version.  One waits at a
	 *  time, however many documents came */
	UE_EVENT_CONF_ROSTER
};

/** One event.  Valid during the handler only */
struct ue_event {
	enum ue_event_type type;
	int err;                /**< errno, 0 = none                     */
	uint16_t status;        /**< SIP status, 0 = none                */
	/** true: the UE tries again by itself, after wait_ms */
	bool again;
	enum ue_dereg dereg;
	uint32_t expires_s;
	uint32_t wait_ms;
	uint32_t version;
	unsigned session;       /**< its number                          */
	bool held;              /**< the other side has put us on hold   */
	bool by_peer;
	struct ue_message_event message;
	/** What is agreed now; NULL where it is not named.  Valid during the
	 *  handler */
	const struct ue_media *media;
	struct ue_conf *conf;   /**< NULL = none                         */
	enum ue_conf_request request;   /**< what was asked for          */
	/** Zero-terminated, printable; "" also where memory was short, and in
	 *  place of a URI that is UE_URI_MAX or longer: who has such a one may
	 *  call all the same */
	char text[UE_URI_MAX];
};

/** @param arg  As given to ue_init() */
typedef void (ue_event_h)(struct ue *ue, const struct ue_event *event,
			  void *arg);

/** Counters since ue_init(); all wrap.  These may be read: `stats` and
 *  `sip.stats` of struct ue, `comp.stats` where UE_SIGCOMP is 1, and `stats`
 *  of ue_ipsec() */
struct ue_stats {
	uint32_t events_lost;   /**< always 0; a lost event is a bug     */
	uint32_t inputs_refused;/**< EAGAIN because events were waiting  */
	uint32_t requests_refused;      /**< 503 for the same reason     */
};

/** An event that waits.  Private */
struct ue_event_kept {
	char head[offsetof(struct ue_event, text)];
	struct sip_stored text; /* no room: none */
};

/** Working memory that is too large for the stack of a small target; nothing
 *  in it outlives the call that uses it */
union ue_work {
	struct xml xml;
	struct ims_reginfo_work reginfo;
	struct roster_work roster;
	struct sip_dialog fork;                 /* a branch that lost */
	char routes[IMS_ROUTES_MAX];
	struct imdn_work imdn;
	struct conf_move move;
	struct sip_auth auth;
};

/** The UE.  Zero-initialised by ue_init().  Members are private, but for the
 *  counters (struct ue_stats) */
struct ue {
	const struct ue_settings *set;
	const struct ue_port *port;
	ue_event_h *eventh;
	void *arg;
	const char *access_network;             /* NULL = none */
	bool polling;
	struct ue_timers timers;
	struct ue_stats stats;
	struct subscription *subscriptions;     /* that are not OFF */
	unsigned event_head;
	unsigned event_count;
	struct ue_event event_new;              /* the last one in the ring,
						 * until it is kept there */
	struct ue_event event_now;              /* being delivered */
	struct pages pages;
	struct imdns imdns;
	struct refers refers;
	struct sessions sessions;
	struct ims_reg reg;
	/* what is large is last: offsets of the others fit into loads */
	struct ue_event_kept eventv[UE_EVENTS_MAX];     /* ring */
	struct ue_media mediav[UE_SESSIONS_MAX];
	union ue_work work;
	struct confs confs;
#if UE_IPSEC
	struct ipsec ipsec;
#endif
	struct sip sip;
	struct messaging messaging;
#if UE_FILE_TRANSFER
	struct files files;
#endif
#if UE_SIGCOMP
	struct sip_comp comp;
#endif
};

/* ------------------------------------------------------------------ */
/* Life cycle */

/**
 * Begin.  Nothing is sent until a command asks for it.
 *
 * @param ue      Overwritten, also on an error: it is closed then.  Not one
 *                that is open: flows would stay open at the port
 * @param set     Settings; the caller's, unchanged until ue_close() returned
 * @param port    Platform; the same
 * @param eventh  Told about events; not NULL
 * @param arg     Handed to eventh
 *
 * The port is asked for random octets and for the identities of the card.  A
 * card that is missing now is no error: ue_register() looks again.
 *
 * @return 0; EINVAL a setting is wrong (port->log names it), or an argument,
 *         flow_open(), flow_send(), flow_close() or random() is missing
 *         (nothing is logged); EIO no random octets, or of nv_read()
 */
int  ue_init(struct ue *ue, const struct ue_settings *set,
	     const struct ue_port *port, ue_event_h *eventh, void *arg);

/** End everything in silence, wipe secrets.  To leave the network in good
 *  order, ue_deregister() and wait for its outcome first.  What
 *  usim_authenticate(), resolve() and qos_reserve() have begun is void: the
 *  port drops it and must not hand its result in after another ue_init() */
void ue_close(struct ue *ue);

/**
 * Run what is due and deliver events; never waits, bounded work.
 *
 * @param now_ms   Monotonic time, milliseconds, any start.  A time that goes
 *                 back is ignored
 * @param wait_ms  Result: call again after so many milliseconds, or earlier
 *                 when something was handed in; UINT32_MAX: nothing to wait
 *                 for.  May be NULL
 *
 * @return 0; EPROTO called from an event handler; EINVAL
 */
int  ue_poll(struct ue *ue, uint64_t now_ms, uint32_t *wait_ms);

/* ------------------------------------------------------------------ */
/* Registration (TS 24.229 5.1.1) */

/**
 * Register.  Also makes an automatic registration that is under way the
 * command's own, and ends its back-off unless the network asked for the wait.
 *
 * Outcome: UE_EVENT_REGISTERED, or UE_EVENT_REGISTER_FAILED.  Lost answers and
 * dead P-CSCFs are no outcome: the UE goes on trying (UE_EVENT_REGISTER_RETRY)
 * until ue_deregister().
 *
 * The card is asked for its identities (usim_identity()) where nothing is
 * registered or tries to be.  A card that was taken out: ue_deregister(), and
 * after its outcome, with the new card, ue_register().
 *
 * @return 0; EPROTO registered already, or another ue_register() or
 *         ue_deregister() has no outcome yet; ENOENT an identity is missing;
 *         EINVAL one is wrong, or longer than UE_URI_MAX - 1; EIO no random
 *         octets, or of nv_read()
 */
int  ue_register(struct ue *ue);

/**
 * Re-register now, not when the time has come (a capability changed).
 *
 * Outcome: UE_EVENT_REREGISTERED, or UE_EVENT_DEREGISTERED for any reason.
 *
 * @return 0; EPROTO not registered, or another command has no outcome yet
 */
int  ue_reregister(struct ue *ue);

/**
 * The own IP address has changed, or will be another one when there is one
 * again (TS 33.203 7.5).  What was made at the old one ends without a word to
 * the network: sessions, conferences, subscriptions, associations.  What was
 * registered is registered anew at once, by itself, without protection at
 * first; an attempt that waits is made at once, too, unless the network has
 * asked for the wait.  A P-CSCF that cannot be reached is tried again later,
 * as always: call it again when there is a way again.  An address in
 * settings.local must be the new one before the call.
 *
 * No outcome; events: UE_EVENT_DEREGISTERED with UE_DEREG_ADDRESS if there was
 * a registration, what ends tells so by its own events, UE_EVENT_REGISTERED.
 * A pending ue_deregister() has its outcome at once.
 *
 * @return 0; EINVAL not initialised
 */
int  ue_address_changed(struct ue *ue);

/**
 * Deregister, or give up a registration that is under way: then
 * UE_EVENT_REGISTER_FAILED with ECANCELED is the outcome of ue_register().
 * A registration that is being made or renewed ends first.
 *
 * All sessions and conferences end before, with a BYE that nobody waits for:
 * their last events have ECONNABORTED (TS 24.229 5.1.1.6.1).
 *
 * Outcome: UE_EVENT_DEREGISTERED with UE_DEREG_USER, also when the network
 * does not answer (after 64 * T1, 128 s; twice that where a REGISTER was under
 * way: who cannot wait calls ue_close()) or nothing was registered.
 *
 * @return 0; EPROTO another ue_deregister() has no outcome yet
 */
int  ue_deregister(struct ue *ue);

/** Where the UE is now: P-Access-Network-Info of what is sent from now on (TS
 *  24.229 7.2A.4).  The string is the caller's and must live until another
 *  one is set or ue_close().  NULL = none.  @return 0; EINVAL control
 *  characters */
int  ue_set_access_network(struct ue *ue, const char *info);

#if UE_IPSEC
/**
 * The association database, for ports that run the engine of ipsec/
 *
 * The port hands whole packets to ipsec_output() and ipsec_input(), by the
 * task that owns the struct ue, with the time of ue_poll(); it may read
 * `stats`.  Everything else is done by the core: sets are in the database
 * before ipsec_install() and out of it before ipsec_remove() is called.
 * Valid, and ready even without UE_SEC_IPSEC, from ue_init() to ue_close().
 * ue: not NULL.
 */
struct ipsec *ue_ipsec(struct ue *ue);
#endif

/** State of the registration; valid until the next call of a function here.
 *  ue: not NULL; before ue_init() and after ue_close() its strings are */
const struct ims_reg_info *ue_reg_info(const struct ue *ue);

/** Seconds until the registration expires, counted from the last time that was
 *  handed in (ue_poll(), ue_flow_*()); 0 when there is none.  While it is
 *  being ended (IMS_REG_DEREGISTERING) it runs on.  ue: not NULL */
uint32_t ue_reg_expires_left(const struct ue *ue);

/* ------------------------------------------------------------------ */
/* Sessions with audio or messages (TS 24.229 5.1.3, 5.1.4) */

/**
 * Call somebody
 *
 * With settings.messaging the offer has one stream of messages and no audio,
 * unless prm says so; else it has audio.  An offer of the peer may have
 * either.
 *
 * Outcome: UE_EVENT_SESSION_ESTABLISHED or UE_EVENT_SESSION_FAILED.
 *
 * @param session  Result: number of the session, never 0
 * @param uri      sip: or tel: URI, copied
 * @param prm      Copied; NULL = zero
 *
 * @return 0; EPROTO not registered, or ue_deregister() was called; ENOTSUP
 *         settings have neither audio nor messaging, or no audio that is
 *         wanted; EINVAL no URI, or control characters; ENOMEM
 *         UE_SESSIONS_MAX are there, or no room; EOVERFLOW the URI is too
 *         long; EIO no random octets
 */
int  ue_session_start(struct ue *ue, unsigned *session, const char *uri,
		      const struct ue_session_params *prm);

/** What is negotiated for any session, that of a conference, too (the number
 *  that qos_reserve() has), or is offered.  Valid until the next call of a
 *  function here; NULL: there is no such session */
const struct ue_media *ue_session_media(struct ue *ue, unsigned session);

/** Accept an incoming session.  Outcome: UE_EVENT_SESSION_ESTABLISHED or
 *  UE_EVENT_SESSION_ENDED.  @return 0; ENOENT there is no such session; EPROTO
 *  it was accepted or refused before */
int  ue_session_accept(struct ue *ue, unsigned session);

/** Refuse it.  status: 300..699, 0 = 486.  Outcome: UE_EVENT_SESSION_ENDED.
 *  @return as ue_session_accept(), EINVAL */
int  ue_session_reject(struct ue *ue, unsigned session, uint16_t status);

/**
 * Put the other side on hold; take it back (RFC 3264 s8.4)
 *
 * Outcome: UE_EVENT_SESSION_MODIFIED or UE_EVENT_SESSION_MODIFY_FAILED.
 *
 * @return 0; ENOENT; EPROTO not established, or the last one has no outcome
 *         yet
 */
int  ue_session_hold(struct ue *ue, unsigned session);
int  ue_session_resume(struct ue *ue, unsigned session);

/** End it in whatever state.  Outcome: UE_EVENT_SESSION_ENDED; of one that was
 *  started and not yet established UE_EVENT_SESSION_FAILED with ECANCELED.
 *  @return 0; ENOENT; EPROTO it ends already */
int  ue_session_end(struct ue *ue, unsigned session);

/* ------------------------------------------------------------------ */
/* Messages in sessions and conferences (TS 24.247) */

/**
 * Send a message
 *
 * Outcome: UE_EVENT_MESSAGE_SENT or UE_EVENT_MESSAGE_FAILED.
 *
 * @param session  Its number; UE_EVENT_MESSAGING_READY has come
 * @param msg      Copied; its data must stay until the outcome
 *
 * In a chat room (RFC 7701), with `to` or `notify`, and where the peer takes
 * it only so (RFC 4975 s8.6: `text/...` where text/plain is not listed, others
 * where nothing but text and message/... is), the message is wrapped in
 * CPIM.  It leaves in the next ue_poll().
 *
 * @return 0; ENOENT there is no such session, or none with messages, or the
 *         UE is closed; ENOTCONN not ready, or lost; EPROTO the peer holds
 *         (RFC 4975 s8.9), but for is-composing; EMSGSIZE larger than the peer
 *         takes; ENOTSUP the peer takes no CPIM, or is a chat room without
 *         private messages (RFC 7701 s8) and there is a `to`; ENOMEM no place:
 *         at most MSRP_OUT messages are on their way, and one session does not
 *         take the last; EINVAL, also control characters; EOVERFLOW an
 *         argument is too long (a disposition outside of CPIM: that is the
 *         outcome), or the header in CPIM is longer than UE_CPIM_MAX: it names
 *         the peer by a URI of his own choice, up to 511 octets; EIO no random
 *         octets
 */
int  ue_message_send(struct ue *ue, unsigned session,
		     const struct ue_message *msg);

/**
 * The user has seen a message: a display notification is sent if it asks for
 * one (RFC 5438 s7.2.1.2).  Delivery notifications are sent by the UE itself,
 * for messages in CPIM whose sink had memory
 *
 * @param session  Of the message; 0: it came by MESSAGE.  There it may be
 *                 called by page_h: then that is checked.  Later it is
 *                 not, because the sender is not known any more: compare
 *                 with what page_h was told
 * @param data     The message in CPIM
 * @param len      Its length
 *
 * To be called once for a message (s7.2.1: one notification of each kind).
 * Nobody makes the UE send to others (s14.2): of a MESSAGE the target of the
 * notification (the first IMDN-Record-Route, else From) has to be the sender,
 * as the network asserts (P-Asserted-Identity); with UE_SEC_NONE the From of
 * the MESSAGE where it asserts nobody.
 *
 * @return 0; ENOENT the message does not ask for one; EINVAL no CPIM; EBADMSG
 *         it does not say enough, or names another one than its sender;
 *         ENOTCONN; ENOTSUP the peer takes no CPIM, or is a chat room without
 *         private messages (RFC 7701 s8);
 *         EMSGSIZE the peer takes nothing so long;
 *         ENOMEM MSRP_OUT messages, or UE_PAGES_MAX, are on their way: try
 *         again; EOVERFLOW; EPROTO not registered; EIO
 */
int  ue_message_displayed(struct ue *ue, unsigned session, const void *data,
			  size_t len);

/**
 * Give up a message that is on its way.  Where a part of it has been sent the
 * peer is told (RFC 4975 s7.1: "#")
 *
 * Outcome: UE_EVENT_MESSAGE_FAILED with ECANCELED, in place of the other one;
 * its data must stay until then.
 *
 * @param arg  Of its struct ue_message: not NULL, and that of no other message
 *             on its way, else the first one found is given up
 *
 * @return 0; ENOENT no such message is on its way
 */
int  ue_message_abort(struct ue *ue, const void *arg);

/**
 * Ask for a nickname in a chat room (RFC 7701 s7)
 *
 * Outcome: UE_EVENT_NICKNAME.
 *
 * @param name  1..64 octets UTF-8 without quotes and backslashes, or "": none
 *              any more.  Copied
 *
 * @return 0; ENOENT; ENOTCONN; ENOTSUP the peer knows no nicknames (RFC 7701
 *         s8); EBUSY one was asked for and has no outcome yet; EINVAL; ENOMEM
 *         too much waits to be sent on its connection
 */
int  ue_nickname(struct ue *ue, unsigned session, const char *name);

/* ------------------------------------------------------------------ */
/* Files (RFC 5547).  Numbers of transfers are their own, never 0 */

/**
 * Send a file
 *
 * Outcome: UE_EVENT_FILE_DONE or UE_EVENT_FILE_FAILED; UE_EVENT_FILE_STARTED
 * before.
 *
 * @param id    Result: number of the transfer
 * @param uri   Whom: sip: or tel:; kept until the outcome
 * @param file  What; kept until the outcome
 *
 * @return 0; EPROTO not registered, or a fetch begins at its size or behind;
 *         ENOTSUP not built, settings have no messaging, or the port no
 *         connections for it; EINVAL; ENOMEM UE_FILES_MAX or
 *         UE_SESSIONS_MAX are there, or no room; EOVERFLOW the URI is too
 *         long; EIO no random octets
 */
int  ue_file_send(struct ue *ue, unsigned *id, const char *uri,
		  const struct ue_file *file);

/** Fetch a file of somebody: file says which (name, type, size, hash: at least
 *  one, s8.2.2) and takes its octets.  The rest as ue_file_send() */
int  ue_file_fetch(struct ue *ue, unsigned *id, const char *uri,
		   const struct ue_file *file);

/**
 * Consent to UE_EVENT_FILE_OFFERED
 *
 * @param file  Handlers; kept until the outcome.  Where the peer wants a file
 *              of ours (ue_file_info.sending): which one; its size must be
 *              the one that is wanted and its hash the same, if they were
 *              named.  From and to are the peer's: who has less than `from`
 *              octets of what comes refuses.  A hash other than the one that
 *              was named is found at the end: EPROTO
 *
 * Outcome: UE_EVENT_FILE_DONE or UE_EVENT_FILE_FAILED.
 *
 * @return 0; ENOENT no such transfer; EPROTO it does not wait for that;
 *         EINVAL; ENOTSUP not built
 */
int  ue_file_accept(struct ue *ue, unsigned id, const struct ue_file *file);

/** Refuse, or abort at any time (s8.4): "#" or 413 by MSRP, then the end of
 *  the session.  status: for a refusal, 300..699, 0 = 603.  Outcome:
 *  UE_EVENT_FILE_FAILED with ECANCELED.  @return 0; ENOENT; EINVAL; EPROTO it
 *  is over; ENOTSUP not built */
int  ue_file_end(struct ue *ue, unsigned id, uint16_t status);

/** What is known of a transfer.  @return 0; ENOENT; ENOTSUP not built */
int  ue_file_info(struct ue_file_info *info, const struct ue *ue,
		  unsigned id);

/* ------------------------------------------------------------------ */
/* Conferences (TS 24.147 5.3.1, TS 24.247 7.3.1) */

/**
 * Join a conference
 *
 * Outcome: UE_EVENT_CONF_JOINED or UE_EVENT_CONF_FAILED.  Unless prm says
 * otherwise its state is subscribed to then: UE_EVENT_CONF_SUBSCRIBED,
 * UE_EVENT_CONF_ROSTER.
 *
 * @param confp  Result: handle, valid until UE_EVENT_CONF_FAILED or
 *               UE_EVENT_CONF_ENDED has been handled
 * @param uri    Conference URI, copied
 * @param prm    Copied (its lists are kept); NULL = zero
 *
 * @return 0; EPROTO not registered; EINVAL no URI, or control characters in
 *         privacy; ENOTSUP settings have no audio that is wanted; EOVERFLOW
 *         longer than UE_URI_MAX - 1; ENOMEM UE_CONFS_MAX or UE_SESSIONS_MAX
 *         are there, or no room; EIO no random octets
 */
int  ue_conf_join(struct ue *ue, struct ue_conf **confp, const char *uri,
		  const struct ue_conf_params *prm);

/** Create a conference at the factory (TS 24.147 5.3.1.3.2), with users to be
 *  invited at once (RFC 5366).  Outcome and errors as ue_conf_join() */
int  ue_conf_create(struct ue *ue, struct ue_conf **confp,
		    const struct ue_conf_params *prm);

/** Subscribe to a conference without taking part.  expires_s 0 = 3600.
 *  Outcome: UE_EVENT_CONF_SUBSCRIBED, or _SUBSCRIPTION_ENDED and
 *  UE_EVENT_CONF_ENDED.  Ends by ue_conf_leave().  @return as
 *  ue_conf_join() */
int  ue_conf_watch(struct ue *ue, struct ue_conf **confp, const char *uri,
		   uint32_t expires_s);

/** Consent to UE_EVENT_CONF_INVITATION.  Where a REFER has asked it may lead
 *  to somebody who is no conference: a call without a roster.  prm: uriv and
 *  factory have no meaning; NULL = zero.  Outcome: as ue_conf_join().  @return
 *  0; EPROTO it does not wait for that, or not registered; EINVAL, ENOTSUP as
 *  ue_conf_join(); ENOMEM; EOVERFLOW; EIO */
int  ue_conf_accept(struct ue_conf *conf, const struct ue_conf_params *prm);

/** Leave in good order (5.3.1.6.1): BYE, NOTIFY, unsubscribing; refuse an
 *  invitation; give up joining (UE_EVENT_CONF_FAILED with ECANCELED).
 *  Outcome: UE_EVENT_CONF_ENDED.  @return 0; EINVAL no handle; EPROTO it ends
 *  already */
int  ue_conf_leave(struct ue_conf *conf);

/**
 * Invite somebody (5.3.1.5)
 *
 * Outcome: UE_EVENT_CONF_REQUEST_DONE with UE_CONF_INVITE.
 *
 * @param uri  sip: or tel: URI, copied
 * @param how  Who sends the INVITE
 *
 * @return 0; EPROTO not in the conference; EINVAL no URI, or longer than
 *         UE_URI_MAX - 1; ENOMEM UE_REFERS_MAX have no outcome, or no dialog
 *         or room is free; EOVERFLOW the request is too long; EIO no random
 *         octets
 */
int  ue_conf_invite(struct ue_conf *conf, const char *uri,
		    enum ue_conf_how how);

/** The same for several at once by the focus (RFC 5368); one outcome, with the
 *  first URI: 2xx = the focus has accepted it, the roster tells the rest.
 *  uriv need not stay.  @return as ue_conf_invite() */
int  ue_conf_invite_list(struct ue_conf *conf, const char *const *uriv,
			 unsigned uric);

/** Ask the focus to remove somebody (5.3.1.6.3, RFC 4579 5.11).  Outcome:
 *  UE_EVENT_CONF_REQUEST_DONE with UE_CONF_REMOVE.  @return as
 *  ue_conf_invite() */
int  ue_conf_remove(struct ue_conf *conf, const char *uri);

/** Ask the focus to end the conference for all.  Outcome:
 *  UE_EVENT_CONF_REQUEST_DONE with UE_CONF_END; the focus then removes us.
 *  @return as ue_conf_invite() */
int  ue_conf_end(struct ue_conf *conf);

/** Move a call of ours into the conference (5.3.1.3.3).  Outcome:
 *  UE_EVENT_CONF_REQUEST_DONE with UE_CONF_MOVE; the call ends when its peer
 *  has been reached and does as Replaces asks (RFC 3891): where it does not,
 *  end it.  @return as ue_conf_invite(), EPROTO also where the call has no
 *  dialog yet, or the URI of its peer has a method or headers; EOVERFLOW also
 *  where its identifiers are too long; ENOENT no such session */
int  ue_conf_move(struct ue_conf *conf, unsigned session);

/** Hold, or resume.  Outcome: UE_EVENT_CONF_MODIFIED or
 *  UE_EVENT_CONF_MODIFY_FAILED.  @return 0; EPROTO not in the conference, or
 *  the last one has no outcome yet */
int  ue_conf_hold(struct ue_conf *conf, bool hold);

/** Subscribe to the state of a conference in which we are.  Outcome:
 *  UE_EVENT_CONF_SUBSCRIBED or UE_EVENT_CONF_SUBSCRIPTION_ENDED, or the end
 *  of the conference.  @return 0; EPROTO not in the conference, or subscribed
 */
int  ue_conf_subscribe(struct ue_conf *conf);

/** End that subscription.  Outcome: UE_EVENT_CONF_SUBSCRIPTION_ENDED, or the
 *  end of the conference.  @return 0; EPROTO not in the conference, or not
 *  subscribed */
int  ue_conf_unsubscribe(struct ue_conf *conf);

/**
 * Let a server make a conference of these users and us (INITIATE,
 * draft-ranjit-sipping-conference-01)
 *
 * Outcome: UE_EVENT_CONF_JOINED when the server has called us, or
 * UE_EVENT_CONF_FAILED.  ue_conf_invite(), ue_conf_remove() and
 * ue_conf_hold_user() ask by the draft's `action` then, and the server's 2xx
 * is their outcome; leaving ends the conference for all.
 *
 * @param users  Whom, and how; the caller's, unchanged until the outcome
 * @param count  1..65535
 *
 * @return as ue_conf_join(); ENOTSUP not built
 */
int  ue_conf_initiate(struct ue *ue, struct ue_conf **confp, const char *uri,
		      const struct ue_confer *users, unsigned count);

/** Hold or resume somebody in such a conference.  Outcome:
 *  UE_EVENT_CONF_REQUEST_DONE with UE_CONF_HOLD_USER or UE_CONF_RESUME_USER.
 *  @return as ue_conf_invite(); ENOTSUP not built */
int  ue_conf_hold_user(struct ue_conf *conf, const char *uri, bool hold);

/** A pre-established session with a PoC server (OMA PoC).  Outcome and errors
 *  as ue_conf_join(); PoC sessions begin in it by ue_conf_invite() */
int  ue_poc_establish(struct ue *ue, struct ue_conf **confp, const char *uri,
		      const struct ue_conf_params *prm);

/** Leave the PoC session; it and the pre-established session stay.  uri: that
 *  of the PoC session, NULL = as the roster names it.  Outcome:
 *  UE_EVENT_CONF_REQUEST_DONE with UE_CONF_POC_LEAVE.  @return as
 *  ue_conf_invite() */
int  ue_poc_leave(struct ue_conf *conf, const char *uri);

/** End the PoC session for all; the pre-established session stays.  uri: as
 *  for ue_poc_leave().  uriv: its participants, or the group; need not stay.
 *  Outcome: UE_EVENT_CONF_REQUEST_DONE with UE_CONF_POC_END.  @return as
 *  ue_conf_invite() */
int  ue_poc_end(struct ue_conf *conf, const char *uri,
		const char *const *uriv, unsigned uric);

/** URI of the conference, who has invited us ("" = nobody), who is there.
 *  Valid until the next call of a function here.  Who sends a REFER is known
 *  from the network; in an INVITE it is whom the caller names.  conf: not
 *  NULL */
const char *ue_conf_uri(const struct ue_conf *conf);
const char *ue_conf_inviter(const struct ue_conf *conf);
const struct roster *ue_conf_roster(const struct ue_conf *conf);

/* ------------------------------------------------------------------ */
/* Page mode (TS 24.247 5, RFC 3428) */

/**
 * Send a MESSAGE outside of sessions
 *
 * Outcome: UE_EVENT_PAGE_SENT or UE_EVENT_PAGE_FAILED.
 *
 * @param uri   To whom: sip: or tel:; or, with a list, the service that
 *              sends it on (RFC 5365)
 * @param msg   The message; up to UE_PAGE_MAX octets (RFC 3428 s8), which need
 *              not stay.  With `notify` it is wrapped in CPIM; without, `to`,
 *              `disposition` and `datetime` are ignored; `id` and `report`
 *              always are.  s8: the next one to the same URI only when this
 *              one has its outcome
 * @param uriv  Whom the service shall send it to; NULL = no list; need not
 *              stay.  No URI may have a "body" (RFC 5365 s6)
 * @param uric  Their number
 *
 * @return 0; EPROTO not registered; EINVAL; EMSGSIZE too long; ENOMEM
 *         UE_PAGES_MAX have no outcome yet, or no transaction is free;
 *         EOVERFLOW; EIO
 */
int  ue_page_send(struct ue *ue, const char *uri, const struct ue_message *msg,
		  const char *const *uriv, unsigned uric);

/* ------------------------------------------------------------------ */
/* What the port hands in.  Call ue_poll() soon after each of them */

/**
 * Octets were received
 *
 * @param flow  Its number
 * @param src   DATAGRAM: the sender; else ignored, may be NULL
 * @param data  A datagram, or the next piece of a stream; may be written to
 * @param len   1..65535
 *
 * @return 0, also for garbage; EAGAIN too many events wait for ue_poll():
 *         hand the same octets in again after it (or drop the datagram);
 *         EINVAL no such flow
 */
int  ue_flow_recv(struct ue *ue, uint64_t now_ms, unsigned flow,
		  const struct ue_addr *src, uint8_t *data, size_t len);

/**
 * Octets of an MSRP connection: flow is UE_FLOWS_MAX or above
 *
 * @param used  Result: how many were taken
 *
 * @return 0 all; EAGAIN the port keeps the rest, reads no more from the
 *         connection, and hands the rest in again after each ue_poll(); EINVAL
 */
int  ue_flow_stream(struct ue *ue, uint64_t now_ms, unsigned flow,
		    const uint8_t *data, size_t len, size_t *used);

/** An MSRP connection has room again after flow_sendv() took less */
void ue_flow_writable(struct ue *ue, uint64_t now_ms, unsigned flow);

/** A CONNECT flow is ready */
void ue_flow_connected(struct ue *ue, uint64_t now_ms, unsigned flow);

/** A listener has a connection.  @return 0 and the number of its flow; ENOMEM,
 *  EINVAL: close the connection */
int  ue_flow_accepted(struct ue *ue, uint64_t now_ms, unsigned listener,
		      const struct ue_addr *remote, unsigned *flow);

/** A flow has failed, or the peer closed it (err 0).  Its number is free */
void ue_flow_closed(struct ue *ue, uint64_t now_ms, unsigned flow, int err);

/** Answer to usim_authenticate().  res is copied; one that nobody waits for
 *  is ignored */
void ue_usim_result(struct ue *ue, const struct ue_usim_res *res);

/**
 * Answer to resolve(); one that nobody waits for any more is ignored
 *
 * @param id          As in resolve()
 * @param err         0 or why there is none
 * @param addrv       Addresses in the order in which they are to be tried;
 *                    port 0 = 5060
 * @param transportv  Transport of each, 0 = any; NULL = any for all
 * @param count       Number of addresses
 */
void ue_resolved(struct ue *ue, uint32_t id, int err,
		 const struct ue_addr *addrv,
		 const enum ue_transport *transportv, size_t count);

/** Answer to qos_reserve(): err 0 = the resources are there.  One that nobody
 *  waits for is ignored */
void ue_qos_result(struct ue *ue, unsigned session, int err);

/* ------------------------------------------------------------------ */
/* Inside the stack */

/** Between ue_init() and ue_close()? */
static inline bool ue_is_open(const struct ue *ue)
{
	return ue && ue->port;
}

/** Slots of the event ring that are free */
unsigned ue_events_free(const struct ue *ue);

/** Are n more free than what an input may fill, and the answers to all
 *  requests that wait for one, should they come with it? */
bool ue_events_spare(const struct ue *ue, unsigned n);

/* ------------------------------------------------------------------ */
/** A command has begun something: ue_poll() has become due */
void ue_wake(struct ue *ue);

/** A request that is none of a service's, in a session or outside of dialogs:
 *  it is answered */
void ue_request_other(struct ue *ue, struct sip_strans *st,
		      const struct sip_msg *msg);

/** A new event, zero but for its type; to be filled in at once.  There is
 *  room: inputs are refused before the ring is full */
struct ue_event *ue_event_new(struct ue *ue, enum ue_event_type type);

#endif
