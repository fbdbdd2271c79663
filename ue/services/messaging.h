/**
 * @file messaging.h  Messages: MSRP in sessions (TS 24.247 clauses 6, 7, 8,
 * 9; RFC 4975, RFC 6135, RFC 6714, RFC 7701)
 *
 * A session whose description holds m=message has an MSRP session beside it:
 * described by messaging_write_media() and messaging_answer_media(),
 * connected when the session is confirmed, closed with it.  Connections are
 * flows with numbers from UE_FLOWS_MAX on.
 */
#ifndef SERVICES_MESSAGING_H
#define SERVICES_MESSAGING_H

#include <errno.h>
#include "msrp/cpim.h"
#include "msrp/imdn.h"
#include "msrp/msrp.h"
#include "msrp/relay.h"
#include "ue/services/session.h"

struct ue;

/** The listener's flow; connection i is UE_FLOWS_MAX + i */
#define MESSAGING_LISTENER (UE_FLOWS_MAX + MSRP_CONNS)

/** All flows that a port has to serve */
#define UE_FLOWS_ALL (MESSAGING_LISTENER + 1)

/** A relay for all sessions (RFC 4976), as long as the UE is registered.
 *  Without its authorisation there are no sessions with messages */
struct ue_relay {
	/** msrp://ADDRESS:PORT;tcp, with ue_messaging.tls msrps.  A name is
	 *  not looked up */
	const char *uri;
	const char *user;
	const char *password;
	uint32_t expires_s;     /**< asked for; 0 = the relay decides    */
	/** SHA-256 of the certificate that it must show, 32 octets; needed
	 *  with ue_messaging.tls */
	const uint8_t *sha256;
};

/**
 * What the application does with messages; it and all that it points to are
 * the caller's and stay unchanged until ue_close() has returned.  Zero is the
 * default where one is named.  The handlers may be called from ue_poll() and
 * from any input: they look and note, and call no function of ue.h but
 * ue_message_displayed() (from page_h) and those that read state.
 */
struct ue_messaging {
	/** a=accept-types; NULL = "message/cpim text/plain
	 *  application/im-iscomposing+xml" */
	const char *accept_types;
	/** a=accept-wrapped-types; NULL = "*" */
	const char *wrapped_types;
	uint32_t max_size;      /**< a=max-size, octets; 0 = 65536       */
	uint16_t port;          /**< own TCP port; 0 = any               */
	/** Nobody can connect to us: offers say setup:active */
	bool behind_nat;
	/** Transfers of files (RFC 5547): offers are told by
	 *  UE_EVENT_FILE_OFFERED.  false: they are messages as others are */
	bool files;
	/** No a=msrp-cema, and connections go to the path (RFC 6714) */
	bool no_cema;
	/** All connections are MSRP over TLS with fingerprints (RFC 4975
	 *  s14.4), or that to a relay; others are refused.  Needs
	 *  UE_MSRP_TLS and the port's tls_fingerprint() */
	bool tls;
	/** NULL = none.  Needs MSRP_RELAY and a connection of MSRP_CONNS */
	const struct ue_relay *relay;
	/**
	 * A message begins.  May be called from any input
	 *
	 * @param session  Number of the session
	 * @param info     Valid during the call
	 * @param sink     To be filled in: memory for the message until
	 *                 UE_EVENT_MESSAGE_RECEIVED, _NOTIFIED or _BROKEN, or
	 *                 data_h is used
	 *
	 * @return 200; 413, 415, 403: the peer is told so
	 */
	uint16_t (*open_h)(struct ue *ue, unsigned session,
			   const struct msrp_info *info,
			   struct msrp_sink *sink, void *arg);
	/** Octets of a message without memory; see struct msrp_handlers */
	void (*data_h)(uint32_t off, const uint8_t *p, size_t n,
		       void *sink_arg);
	/**
	 * A MESSAGE outside of sessions has come (RFC 3428).  May be called
	 * from any input; all is valid during the call
	 *
	 * @return SIP status: 200; 415 the type is not taken.  NULL: 405
	 */
	uint16_t (*page_h)(struct ue *ue, const struct pl *from,
			   const struct pl *type, const struct pl *subtype,
			   const struct pl *body, void *arg);
	void *arg;              /**< for open_h and page_h               */
};

/** A message to be sent */
struct ue_message {
	const char *type;       /**< its media type; copied              */
	const uint8_t *data;    /**< until the outcome                   */
	uint32_t len;
	/** Content-Disposition, as `attachment;filename="a.jpg"`; NULL = none,
	 *  it is rendered.  Until the outcome */
	const char *disposition;
	/** Message-ID: 4..32 letters, digits and "-.+%=", the first one no
	 *  mark (RFC 4975 s9), so that it can be sent again in a session made
	 *  again when it has failed, and the peer knows a copy (s5.4); NULL =
	 *  one of chance.  Copied */
	const char *id;
	/** To whom: URI of one participant, where the chat room has private
	 *  messages (RFC 7701 s6.2, s8); NULL = all.  Copied */
	const char *to;
	/** Date and time (RFC 3339) for CPIM, NULL = none.  Copied */
	const char *datetime;
	/** Ask the recipients for notifications of these kinds (RFC 5438):
	 *  "positive-delivery, display"; needs datetime.  NULL = none */
	const char *notify;
	void *about;            /**< in UE_EVENT_MESSAGE_NOTIFIED        */
	bool report;            /**< ask for a success report            */
	void *arg;              /**< in the outcome's event              */
};

/** What an event says of a message */
struct ue_message_event {
	void *arg;              /**< of struct ue_message or the sink    */
	uint32_t len;           /**< octets confirmed, or received       */
	uint32_t total;         /**< of the whole, MSRP_ANY: unknown     */
	/** UE_EVENT_MESSAGE_NOTIFIED: of struct ue_message; NULL: none that is
	 *  remembered */
	void *about;
	enum msrp_imdn_status notice;   /**< what became of it           */
};

struct messaging_media;

/** Who serves an MSRP session that is none of the application's; private */
struct messaging_user {
	const char *accept_types;
	/* as those of struct msrp_handlers; called from any input */
	uint16_t (*open_h)(struct messaging_media *md,
			   const struct msrp_info *info,
			   struct msrp_sink *sink);
	void (*data_h)(uint32_t off, const uint8_t *p, size_t n, void *arg);
	void (*done_h)(const struct msrp_result *r, void *arg);
	void (*sent_h)(const struct msrp_result *r, void *arg);
};

/** One m=message; private */
struct messaging_media {
	uint8_t state;
	uint8_t index;                  /* number of the m= line */
	uint8_t conn;                   /* while CONNECTING */
	bool active;                    /* we connect */
	bool offered_active;            /* our offer left no choice */
	bool no_cema;                   /* we have fallen back from RFC 6714 */
	bool renew;                     /* a new offer is due */
	bool cpim;                      /* the peer takes message/cpim */
	bool wrap_text;                 /* and text only in it */
	bool wrap_other;                /* and what is no text */
	bool chatroom;                  /* both know RFC 7701 */
	bool nicknames;                 /* and the peer NICKNAME */
	bool private_msgs;              /* and private messages */
	bool held;                      /* it wants no messages now */
	bool lost;                      /* to be told, with err and status */
	bool told;                      /* READY */
	bool nick;                      /* NICKNAME has no outcome yet */
	bool nick_done;
	uint16_t nick_status;
	uint16_t status;
	uint16_t serial;                /* of the session */
	int err;
	struct session *s;              /* NULL = free */
	struct msrp_session *ms;
	const struct messaging_user *user;      /* NULL = the application */
	void *arg;
	unsigned id;                    /* session_id() */
	struct ue_addr remote;          /* where to connect */
	uint64_t notify_ms;             /* since when one has waited */
	char nickname[64 + 1];          /* RFC 7701 s7.1 */
#if UE_MSRP_TLS
	uint8_t peer_cert[32];          /* SHA-256 */
#endif
#if MSRP_RELAY
	uint64_t due_ms;                /* the next AUTH */
	char use_path[MSRP_URI_MAX];    /* empty = no relay */
#endif
};

/** Whose it is: files are built, or all are the application's */
static inline const struct messaging_user *
messaging_user(const struct messaging_media *md)
{
	return UE_FILE_TRANSFER ? md->user : NULL;
}

#if MSRP_RELAY
/** The UE's relay; private */
struct messaging_relay {
	struct msrp_auth auth;
	uint64_t due_ms;                /* the next attempt */
	uint32_t wait_ms;               /* before the last one */
	uint32_t expires_s;
	int err;
	uint16_t status;
	uint8_t state;
	uint8_t conn;
	uint8_t bounds;
	bool open;                      /* conn is ours */
	bool told;                      /* READY since it is up */
	bool ready, lost;               /* to be told */
};
#endif

/** A message on its way; private */
struct messaging_out {
	uint8_t state;                  /* 0 free, 1 on its way, 2 done */
	bool quiet;                     /* of our own: without event */
	uint16_t head_len;
	struct messaging *mg;
	struct msrp_out *out;           /* while it is on its way */
	const uint8_t *data;
	void *arg;
	struct msrp_result res;
	unsigned session;
	char head[UE_CPIM_MAX];
};

struct messaging_in {
	uint8_t state;
	bool duplicate;                 /* told before, in another session */
	struct messaging *mg;
	struct messaging_media *md;
	const struct messaging_user *user;
	void *arg;                      /* of the application's sink */
	const char *cpim;               /* its memory; NULL: streamed, or
					   not in CPIM */
	struct msrp_result res;
	unsigned session;
};

/** All of a UE; private */
struct messaging {
	struct ue *ue;
	uint32_t opening;               /* bits: connections being made */
	uint32_t fromv[MSRP_CONNS];     /* who is at the other end */
	struct ue_timer timer;
	struct ue_addr listener;        /* port 0: none */
#if MSRP_RELAY
	struct messaging_relay relay;
#endif
	/* what is large is last: offsets of the others fit into loads */
	struct messaging_media mediav[MSRP_SESSIONS];
	struct messaging_in inv[MSRP_IN];
	struct msrp_cpim cpim;          /* work space */
	struct messaging_out outv[MSRP_OUT];
	struct msrp m;
};

/* ---- for the users of sessions ---- */

/** Is it a stream of MSRP that we know? */
bool messaging_is(const struct sdesc_media *m);

/** Is it one for messages of that session, as the settings are, and not for a
 *  file? */
bool messaging_is_chat(const struct session *s, const struct sdesc_media *m);

/** Was its connection lost, so that the next description has another path? */
bool messaging_is_lost(const struct session *s);

/** write_media_h of struct session_user for m=message: the offer is written
 *  as stream 0.  @return 0; ENOENT; ENOMEM */
int messaging_write_media(struct session *s, struct sip_writer *w,
			  unsigned index, const struct sdesc_media *offer);

/** The same for a user of its own.  limit: a=max-size, 0 = of the settings */
int messaging_write_for(struct session *s, struct sip_writer *w,
			unsigned index, const struct sdesc_media *offer,
			const struct messaging_user *user, void *arg,
			uint32_t limit);

/** Does accept-types hold that media type, or "*"? */
bool messaging_accepts(const struct sdesc_media *m, const char *type);

/** answer_h of the same */
int messaging_answer_media(struct session *s, unsigned index,
			   const struct sdesc_media *m);

/* ---- for ue.c ---- */

/** What is wrong in the settings; NULL = nothing */
const char *messaging_check(const struct ue_messaging *set,
			    const struct ue_port *port);

void messaging_init(struct messaging *mg, struct ue *ue);
void messaging_close(struct messaging *mg);

/** Look after sessions that were confirmed or have ended, put outcomes into
 *  the event ring; once in each ue_poll() */
void messaging_poll(struct messaging *mg);

int  messaging_flow_recv(struct messaging *mg, unsigned flow,
			 const uint8_t *data, size_t len, size_t *used);
void messaging_flow_connected(struct messaging *mg, unsigned flow);
void messaging_flow_writable(struct messaging *mg, unsigned flow);
int  messaging_flow_accepted(struct messaging *mg,
			     const struct ue_addr *remote, unsigned *flow);
void messaging_flow_closed(struct messaging *mg, unsigned flow, int err);

/* ---- between the files of messaging ---- */

enum messaging_state {
	MESSAGING_FREE = 0,
	MESSAGING_OFFERED,      /* described, the peer is not known      */
	MESSAGING_LOST,         /* until it is described again           */
	MESSAGING_AGREED,       /* both are described                    */
	MESSAGING_CONNECTING,
	MESSAGING_BOUND
};

uint32_t messaging_max_size(const struct messaging *mg);
struct messaging_media *messaging_of(struct messaging *mg,
				     const struct session *s);
struct messaging_media *messaging_new(struct messaging *mg,
				      struct session *s);

/** Room for what goes before the octets of a message: its state is 1 until
 *  who asked for it sets 0.  NULL: none is free */
struct messaging_out *messaging_out_new(struct messaging *mg);
uint64_t messaging_now(const struct messaging *mg);
void messaging_wake(struct messaging *mg);
bool messaging_secure(const struct messaging *mg);
/** TLS: has the other end of a connection that certificate? */
#if UE_MSRP_TLS
bool messaging_shows(const struct messaging *mg, unsigned conn,
		     const uint8_t sha256[32]);
#else
static inline bool messaging_shows(const struct messaging *mg, unsigned conn,
				   const uint8_t sha256[32])
{
	(void)mg;
	(void)conn;
	(void)sha256;

	return true;
}
#endif
int  messaging_media_open(struct messaging *mg, struct messaging_media *md);
/** A session that is described is on a connection: with its peer at the other
 *  end it is bound, else lost */
void messaging_bound(struct messaging *mg, struct messaging_media *md);
void messaging_lost(struct messaging *mg, struct messaging_media *md, int err,
		    uint16_t status);
int  messaging_connect(struct messaging *mg, const struct ue_addr *remote,
		       uint8_t *connp);
void messaging_disconnect(struct messaging *mg, unsigned conn);
/** The connection of a session, also while it is made; MSRP_NONE: none */
unsigned messaging_conn(const struct messaging_media *md);
/** A session is no more on it: with the last one it ends */
void messaging_leave(struct messaging *mg, unsigned conn);

/* Relays of this one: URIs in the order of To-Path */
#if MSRP_RELAY
static inline const char *messaging_use_path(const struct messaging_media *md)
{
	return md->use_path;
}

int  messaging_relay_addr(struct ue_addr *addr, const char *str, bool tls);
/** The connection to the relay? */
bool messaging_relay_on(const struct messaging *mg, unsigned conn);
void messaging_relay_connected(struct messaging *mg);
void messaging_relay_closed(struct messaging *mg, int err);
/** A session that is authorised; NULL: none */
struct messaging_media *messaging_relay_take(struct messaging *mg);
int  messaging_relay_bind(struct messaging *mg, struct messaging_media *md);
void messaging_relay_poll(struct messaging *mg, uint32_t *wait_ms);
bool messaging_relay_tell(struct messaging *mg);
#else
static inline const char *messaging_use_path(const struct messaging_media *md)
{
	(void)md;

	return "";
}


static inline bool messaging_relay_on(const struct messaging *mg,
				      unsigned conn)
{
	(void)mg;
	(void)conn;

	return false;
}


static inline void messaging_relay_connected(struct messaging *mg)
{
	(void)mg;
}


static inline void messaging_relay_closed(struct messaging *mg, int err)
{
	(void)mg;
	(void)err;
}


static inline struct messaging_media *
messaging_relay_take(struct messaging *mg)
{
	(void)mg;

	return NULL;
}


static inline int messaging_relay_bind(struct messaging *mg,
				       struct messaging_media *md)
{
	(void)mg;
	(void)md;

	return ENOTCONN;
}


static inline void messaging_relay_poll(struct messaging *mg,
					uint32_t *wait_ms)
{
	(void)mg;
	(void)wait_ms;
}


static inline bool messaging_relay_tell(struct messaging *mg)
{
	(void)mg;

	return false;
}
#endif

/** Send the notification about a message in CPIM.  @return 0; ENOENT none is
 *  wanted; ENOMEM too many messages are on their way; others */
int messaging_notify(struct messaging *mg, unsigned session,
		     const struct msrp_cpim *c, enum msrp_imdn_status status);

#endif
