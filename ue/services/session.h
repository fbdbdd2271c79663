/**
 * @file session.h  Sessions: the INVITE usage (RFC 3261 13-15, RFC 3262, RFC
 * 3264, RFC 3311, RFC 3312, RFC 3891, RFC 4028; TS 24.229 5.1.3, 5.1.4)
 *
 * A session is one dialog made by INVITE with what has been negotiated in it.
 * It knows neither MSRP nor conferences: a user (conference, messaging, the
 * application's plain sessions) attaches by a table of handlers, which write
 * and read the media descriptions and add header fields and bodies.
 *
 *	static const struct session_user user = {
 *		.write_media_h = write_media, .answer_h = answer,
 *		.event_h = event
 *	};
 *
 *	err = session_start(&s, &ue->sessions, "sip:bob@example.net", &user,
 *			    0, self);
 *
 * Rules
 *  - Commands do their work by a timer, so that they may be given from any
 *    handler, and no handler is called from inside a command.
 *  - Each session ends with exactly one SESSION_ENDED; the pointer is void
 *    when that handler returns.
 *  - Handlers that are given a writer only write.  Event handlers may give
 *    commands.
 *  - Sessions are UE_SESSIONS_MAX entries of a table in struct ue: when all
 *    are taken session_start() says ENOMEM, and an INVITE gets 486.
 */
#ifndef SERVICES_SESSION_H
#define SERVICES_SESSION_H

#include "ue/sdp/sdp.h"
#include "ue/sip/dialog.h"

struct ue;
struct session;
struct sessions;

/** How a session begins */
struct ue_session_params {
	/** The offer has audio, whether there are settings.messaging or not */
	bool audio;
	/** As in struct ue_settings, for this session; must live until its
	 *  end.  NULL = that of the settings */
	const char *privacy;
};

/** States.  The transitions are in session.c */
enum session_state {
	SESSION_FREE = 0,
	SESSION_CALLING,        /**< UAC: INVITE sent or about to be     */
	SESSION_EARLY,          /**< UAC: a 101-199 made an early dialog */
	SESSION_CANCELLING,     /**< UAC: ended before its answer        */
	SESSION_INCOMING,       /**< UAS: not yet answered               */
	SESSION_ACCEPTED,       /**< UAS: 2xx sent, the ACK is missing   */
	SESSION_CONFIRMED,
	SESSION_ENDING          /**< BYE sent                            */
};

/** What a user is told */
enum session_event {
	/** UAC: 101-199; status, msg.  It may come again */
	SESSION_PROGRESS = 1,
	/** UAS: resources are there (RFC 3312 s5.1.1): the user may be
	 *  alerted, 180 has been sent.  Comes once, unless session_accept()
	 *  came before */
	SESSION_ALERT,
	/** UAC: the first 2xx; msg (its Contact, isfocus ...).  UAS: the ACK
	 *  to the 2xx; msg NULL */
	SESSION_ESTABLISHED,
	/** Outcome of session_hold() and session_modify(): done */
	SESSION_MODIFIED,
	/** The other outcome: refused or given up, the session stays as it
	 *  was; status or err */
	SESSION_MODIFY_FAILED,
	/** The peer has changed the session: session_is_held(), and
	 *  write_media_h has been asked for the answer, or answer_h has read
	 *  it; msg NULL */
	SESSION_CHANGED,
	/** It is over, or was never made; how: see struct session_cause */
	SESSION_ENDED
};

/** What goes with an event.  Valid during the handler */
struct session_cause {
	int err;                /**< 0; ECANCELED by our own command; EACCES
				 *   a challenge (401, 407) without answer;
				 *   ETIMEDOUT no answer; ECONNABORTED the
				 *   registration was lost; EBUSY resources
				 *   were refused; EPROTO the peer broke the
				 *   rules; else as sip_ctrans_start()   */
	uint16_t status;        /**< SIP status that ended it, 0 = none  */
	bool by_peer;           /**< BYE or CANCEL of the peer           */
	uint32_t retry_after_s; /**< no new attempt before (TS 24.229
				 *   5.1.3.1: 503), 0 = none             */
	const char *text;       /**< printable, zero-terminated          */
	const struct sip_msg *msg;      /**< NULL = none                 */
};

/** The same in ms, at most UINT32_MAX */
static inline uint32_t session_wait_ms(const struct session_cause *cause)
{
	return cause->retry_after_s < UINT32_MAX / 1000
		? cause->retry_after_s * 1000 : UINT32_MAX;
}

/** A further body of an INVITE (multipart/mixed beside the description) */
struct session_part {
	const char *ctype;      /**< media type                          */
	const char *disposition;        /**< NULL = none                 */
	const char *content_id; /**< without <>, NULL = none             */
};

/**
 * What a user of sessions does.  All but event_h and write_media_h may be
 * NULL.  arg is what session_start() or claim_h gave.
 */
struct session_user {
	/**
	 * Is an INVITE outside of dialogs for this user?  Asked in the order
	 * of session_add_user(), whose arg is handed in.  The offer has been
	 * checked: sdp is it, NULL where there is none.
	 *
	 * @param s     The new session: session_set_arg(), session_accept(),
	 *              session_reject() may be called.  Without them it waits
	 *
	 * @return true: mine
	 */
	bool (*claim_h)(struct session *s, const struct sip_msg *msg,
			const struct sdesc *sdp, void *arg);

	/**
	 * Write the m= line and the attributes of media description number
	 * index, but for direction and preconditions, which the session adds.
	 *
	 * @param offer  What is answered; NULL: an offer of our own.  An
	 *               offer is written anew for each re-INVITE
	 *
	 * @return 0; ENOENT nothing was written: an offered stream is refused
	 *         with port 0, an offer of ours ends here; else a shortage of
	 *         our own: nothing is sent
	 */
	int (*write_media_h)(struct session *s, struct sip_writer *w,
			     unsigned index, const struct sdesc_media *offer,
			     void *arg);

	/**
	 * Read a description that answers ours
	 *
	 * @return 0; else the answer is no use and the session ends
	 */
	int (*answer_h)(struct session *s, unsigned index,
			const struct sdesc_media *m, void *arg);

	/** Add header fields: to a request (code 0) or a response to an
	 *  INVITE.  Not asked for ACK and CANCEL */
	void (*header_h)(struct session *s, struct sip_writer *w,
			 enum sip_method method, uint16_t code, void *arg);

	/**
	 * Further bodies of the initial INVITE, from index 0.  Called first
	 * with w NULL to describe the part, then to write it by sip_writer_*()
	 *
	 * @return 0; ENOENT no (more) parts
	 */
	int (*part_h)(struct session *s, unsigned index,
		      struct session_part *part, struct sip_writer *w,
		      void *arg);

	/** A request inside the dialog that is none of the session's: REFER,
	 *  NOTIFY, INFO, MESSAGE ...  @return true: it is or will be
	 *  answered; false: it is answered as outside of dialogs */
	bool (*request_h)(struct session *s, struct sip_strans *st,
			  const struct sip_msg *msg, void *arg);

	void (*event_h)(struct session *s, enum session_event event,
			const struct session_cause *cause, void *arg);
};

/** Flags of session_start() */
enum session_flag {
	/** The INVITE has no offer: the peer makes it (RFC 3264 s4) */
	SESSION_LATE_OFFER = 1 << 0,
	/** No preconditions, whatever the settings say */
	SESSION_NO_PRECONDITIONS = 1 << 1,
	/** Our streams have one direction, whatever the peer wants */
	SESSION_SENDONLY = 1 << 2,
	SESSION_RECVONLY = 1 << 3
};

/** Who has offered and waits for an answer (RFC 3264 s4) */
enum session_offer {
	SESSION_OFFER_NONE = 0,
	SESSION_OFFER_LOCAL,    /**< ours, the answer is missing         */
	SESSION_OFFER_REMOTE    /**< the peer's, not yet answered        */
};

/** Quality of service for a session (RFC 3312 s5.1) */
enum session_reserve {
	SESSION_RESERVE_NONE = 0,
	SESSION_RESERVE_PENDING,        /**< the port is at work         */
	SESSION_RESERVE_DONE,
	SESSION_RESERVE_FAILED
};

/** Does the peer know UPDATE? */
enum session_update {
	SESSION_UPDATE_UNKNOWN = 0,     /**< no Allow has come           */
	SESSION_UPDATE_YES,
	SESSION_UPDATE_NO
};

/** A session.  Users read state and role; the rest is private */
struct session {
	uint8_t state;          /**< enum session_state                  */
	bool uac;               /**< we have sent the INVITE             */

	/* private.  In the order of their sizes: octets, then words, which
	   short loads reach */
	uint8_t flags;          /* enum session_flag                     */
	uint8_t offer;          /* enum session_offer                    */
	uint8_t reserve;        /* enum session_reserve                  */
	uint8_t change;         /* enum session_change                   */
	uint8_t tries;          /* of the change, of the BYE             */
	uint8_t told;           /* qos.curr_local as we last said it     */
	uint8_t auth_id;        /* enum sip_hdr_id: answer one now       */
	uint8_t mediac;         /* descriptions in the last offer or answer */
	uint8_t remote_dir;     /* enum sdesc_dir as the peer wants it   */
	uint8_t agreed_dir;     /* the same in the last exchange         */
	uint8_t replaces;       /* 1 + index of the session that ends    */
	uint8_t peer_update;    /* enum session_update                   */
	bool hold;              /* our wish                              */
	bool hold_before;       /* until the peer has agreed             */
	bool want;              /* a change of media waits               */
	bool refresh;           /* a refresh waits                       */
	bool refreshing;        /* it was asked for and not yet answered */
	bool described;         /* an exchange was completed             */
	bool peer_rel;          /* Supported: 100rel                     */
	bool refresher;         /* we are                                */
	bool rel_wanted;        /* the INVITE requires 100rel            */
	bool rel_pending;       /* our reliable 1xx waits for its PRACK  */
	bool preconditions;     /* in use in this session                */
	bool preconditions_before;      /* until an offer is answered    */
	bool confirm;           /* the peer wants to be told of our qos  */
	bool confirm_before;
	bool reserved_port;     /* the port has something to release     */
	bool alerted;
	bool accepted;          /* the user has agreed                   */
	bool established;
	bool ending;            /* BYE as soon as the ACK has come       */
	bool answered : 1;      /* our last description was an answer    */
	bool peer_timer : 1;    /* Supported: timer                      */
	bool same : 1;          /* the peer's offer is the one before    */
	uint8_t challenges;     /* answered                              */
	uint8_t agreedc;        /* mediac in the last exchange           */

	uint16_t todo;          /* bits, see session_core.h              */
	uint16_t reject;        /* status to refuse with                 */
	uint16_t ended_status;
	uint16_t answer_fork;   /* of the branch whose answer is kept    */
	uint16_t offer_hash;    /* of the peer's last offer              */
	uint16_t serial;        /* changes with each use of the entry    */

	struct sessions *all;
	const struct session_user *user;
	void *arg;
	struct sip_ctrans *ct;  /* INVITE or UPDATE without final answer */
	struct sip_strans *st;  /* INVITE without ACK; re-INVITE, too    */
	const char *privacy;    /* RFC 3323 s4.2, NULL = none            */
	const char *ended_text; /* why it is ENDING or CANCELLING        */
	int ended_err;
	uint32_t sess_id;       /* o= of ours                            */
	uint32_t version;
	uint32_t rseq;          /* last reliable 1xx, ours or theirs     */
	uint32_t rel_interval_ms;
	uint32_t rel_sent_ms;   /* since our reliable 1xx                */
	uint32_t expires_s;     /* session interval, 0 = none            */
	uint32_t min_se_s;      /* the peer's, after a 422               */
	uint32_t peer_cseq;     /* of the INVITE being answered          */
	uint32_t fork;          /* hash of the last other branch         */
	struct sip_stored offered;      /* offer that waits for an answer */
	struct sip_stored kept;         /* calling: answer of answer_fork */
	struct sip_stored note; /* text of the user, until the end       */
	struct sip_stored credentials;  /* header field of our INVITE    */
	struct sdesc_qos qos;   /* as we see it                          */
	struct sdesc_qos qos_before;    /* until an offer is answered    */

	struct sip_dialog dlg;
	struct ue_timer work;   /* todo                                  */
	struct ue_timer retry;  /* 491; end of ENDING; refresh of 1xx    */
	struct ue_timer rel;    /* RFC 3262: 1xx again; CONFIRMED: refresh */
	struct ue_timer expiry; /* RFC 4028                              */
};

/** Entries of session_add_user() */
#define SESSION_USERS_MAX 4

/** All sessions of a UE; private */
struct sessions {
	struct ue *ue;
	uint8_t userc;
	uint16_t serial;
	uint32_t full;          /**< INVITEs refused for want of room    */
	struct {
		const struct session_user *user;
		void *arg;
	} userv[SESSION_USERS_MAX];
	struct session sv[UE_SESSIONS_MAX];
};

/* ------------------------------------------------------------------ */
/* For users */

/**
 * Serve INVITEs from the network: claim_h is asked in the order of these
 * calls
 *
 * @param user  Table, must live as long as ss
 * @param arg   Handed to claim_h and, until session_set_arg(), to the others
 *
 * @return 0, ENOMEM
 */
int  session_add_user(struct sessions *ss, const struct session_user *user,
		      void *arg);

/**
 * Send an INVITE
 *
 * @param sp      Result: the session
 * @param target  Request-URI and To; copied
 * @param user    Table, must live until SESSION_ENDED
 * @param flags   Bits of enum session_flag
 * @param arg     Handed to the user's handlers
 *
 * What happens is told by SESSION_PROGRESS, SESSION_ESTABLISHED,
 * SESSION_ENDED.
 *
 * @return 0; EPROTO not registered, or deregistering; EINVAL target is no
 *         URI; ENOMEM all sessions are taken; EOVERFLOW; EIO
 */
int  session_start(struct session **sp, struct sessions *ss,
		   const char *target, const struct session_user *user,
		   unsigned flags, void *arg);

/** Accept an incoming session.  The 2xx waits for preconditions.  @return 0;
 *  EPROTO it is not waiting for that */
int  session_accept(struct session *s);

/** Refuse it, or say 1xx.  status: 101..199, 300..699.  A 1xx waits while a
 *  reliable one has no PRACK (RFC 3262 s3); what is said meanwhile takes its
 *  place.  @return 0; EINVAL; EPROTO it is not waiting for that */
int  session_reject(struct session *s, uint16_t status);

/** End it in whatever state: BYE, CANCEL, or 480.  SESSION_ENDED follows with
 *  ECANCELED, or by_peer where the peer's BYE was faster.  @return 0; EPROTO
 *  it ends already */
int  session_end(struct session *s);

/**
 * Hold (sendonly, inactive) or resume all streams (RFC 3264 s8.4)
 *
 * @return 0: SESSION_MODIFIED or SESSION_MODIFY_FAILED follows (also before
 *         SESSION_ENDED); EPROTO not established, or a change is under way
 */
int  session_hold(struct session *s, bool hold);

/** Offer the media again by re-INVITE: write_media_h has something new.
 *  @return as session_hold() */
int  session_modify(struct session *s);

/** Is an exchange of descriptions under way, or does one wait for its turn? */
bool session_is_busy(const struct session *s);

/** Has the peer put us on hold? */
bool session_is_held(const struct session *s);

/** Is the offer that is being written for a peer that has asked for it, by a
 *  re-INVITE without one? */
static inline bool session_is_asked(const struct session *s)
{
	return s->st && s->state == SESSION_CONFIRMED;
}

/**
 * Where a 3xx leads (RFC 3261 s8.1.3.4): the URIs of its Contact, as
 * `sip:a@x, sip:b@x`, in its order, as many whole ones as fit.  Whether to go
 * there is the user's choice.
 *
 * @param str    Result, zero-terminated; left alone where there is none
 * @param s      The session that has ended
 * @param cause  How
 */
void session_contacts(char *str, size_t size, const struct session *s,
		      const struct session_cause *cause);

/** The remote target: Contact of the peer, its URI only */
const char *session_target(const struct session *s);

/** Handed to the user's handlers from now on */
void session_set_arg(struct session *s, void *arg);

/** The session that a request's Replaces names (RFC 3891 s3): text of the
 *  field.  @return NULL: none, or malformed */
struct session *session_find(struct sessions *ss, const struct pl *dialog);

/** Call-ID, From tag and To tag of the dialog, as they stand in a Replaces for
 *  our peer: `id;to-tag=theirs;from-tag=ours` (RFC 3891 s6).  @return 0,
 *  EOVERFLOW, EPROTO no dialog yet */
int  session_replaces(char *str, size_t size, const struct session *s);

/** A request in the dialog for its user: REFER, INFO ...  The caller adds
 *  his header fields and body and calls sip_ctrans_start() with session_hop(),
 *  or finds the error there.  @return the writer (never NULL) */
struct sip_writer *session_request(struct session *s, const char *method);

/** The way on which requests of the session go */
struct sip_hop *session_hop(const struct session *s);

/* ------------------------------------------------------------------ */
/* For ue.c */

void sessions_init(struct sessions *ss, struct ue *ue);

/** End all in silence */
void sessions_close(struct sessions *ss);

/** Is there no room for another one? */
bool sessions_full(struct sessions *ss);

/** A request from the network: is it a session's, or a new INVITE?  st NULL:
 *  an ACK.  @return true: it is or will be answered */
bool sessions_request(struct sessions *ss, struct sip_strans *st,
		      const struct sip_msg *msg);

/** The registration is over or its hop has gone: all sessions end with
 *  ECONNABORTED (TS 24.229 5.1.1.7) */
void sessions_lost(struct sessions *ss);

/** About to deregister (TS 24.229 5.1.1.6): all sessions end with a BYE that
 *  nobody waits for; those without their ACK with that */
void sessions_leave(struct sessions *ss);

/** A request in this dialog had no answer (status 0), 408 or 481: if it is a
 *  session's, the session ends (RFC 3261 s12.2.1.2) */
void sessions_dialog_gone(struct sessions *ss, const struct sip_dialog *dlg,
			  uint16_t status);

/** Result of struct ue_port.qos_reserve */
void sessions_reserved(struct sessions *ss, unsigned id, int err);

/** Number of a session for the port and for applications, never 0 */
unsigned session_id(const struct session *s);

/** @return NULL: there is none with that number (any more) */
struct session *session_by_id(struct sessions *ss, unsigned id);

#endif
