/**
 * @file session_kit.h  Sessions of a registered UE on reg_kit's port: the test
 * is the peer and writes its messages itself
 */
#ifndef SESSION_KIT_H
#define SESSION_KIT_H

#include "test/unit/reg_kit.h"

#define SS_EVENTS 32

/** An event of the session layer */
struct ss_event {
	enum session_event event;
	struct session *s;
	int err;
	uint16_t status;
	bool by_peer;
	uint32_t retry_after_s;
};

struct ss {
	struct session *s;              /* ss_call(), last claimed one   */
	unsigned claims;                /* INVITEs that were claimed     */
	unsigned eventc;
	struct ss_event eventv[SS_EVENTS];

	/* what the user does */
	bool no_claim;
	bool auto_accept;
	unsigned streams;               /* offered; answered at most     */
	unsigned parts;                 /* further bodies                */
	int answer_err;                 /* of answer_h                   */
	bool request_taken;
	unsigned answers;               /* calls of answer_h             */
	void (*eventh)(struct session *s, enum session_event event);

	/* the port's reservations */
	unsigned reserves;
	unsigned releases;
	unsigned reserve_id;
	bool reserve_silent;            /* no result until the test      */
	int reserve_err;

	unsigned invite;                /* number of our INVITE          */
	unsigned cseq;                  /* of the peer's last request    */
};

extern struct ss ss;
extern const struct session_user ss_user;

#define SS_PEER "sip:bob@home2.net"
#define SS_CONTACT "Contact: <sip:bob@[2001:db8::9]:5090>\r\n"
#define SS_ALLOW "Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE\r\n"
#define SS_RR "Record-Route: <sip:scscf1.home1.net;lr>, <sip:pcscf.home1.net;lr>\r\n"

/** Begin of a description with a message stream; attributes may follow */
#define SS_SDP								\
	"v=0\r\no=bob 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"				\
	"m=message 9000 TCP/MSRP *\r\n"					\
	"a=accept-types:text/plain\r\n"					\
	"a=path:msrp://192.0.2.77:9000/s1;tcp\r\n"

/** Registered, ss_user serving INVITEs.  before: change rk.set, may be NULL.
 *  @return false: it did not work */
bool ss_begin(void (*before)(void));

/** Registered with preconditions; reserve: the port has qos_reserve */
bool ss_begin_qos(bool reserve);

/** session_start() to SS_PEER, its INVITE is sent.  @return its number */
unsigned ss_call(unsigned flags);

/** Answer sent message n.  lines: header fields with CRLF; sdp NULL: no body;
 *  tag: To tag where the request had none */
void ss_answer_as(unsigned n, unsigned code, const char *tag,
		  const char *lines, const char *sdp);
/** The same as "net" */
void ss_answer(unsigned n, unsigned code, const char *lines,
	       const char *sdp);

/** ss_call() and its 200, the ACK is sent.  @return number of the INVITE */
unsigned ss_established(void);

/** A request of the peer in the dialog of our INVITE (n) or of the peer's
 *  (see ss_invite()).  @return status of the answer, 0 = none (yet) */
unsigned ss_request(const char *method, const char *lines, const char *sdp);
unsigned ss_request_cseq(const char *method, unsigned cseq,
			 const char *lines, const char *sdp);

/** An INVITE of the peer outside of dialogs.  @return number of the first
 *  answer that is not 100 (in rk.sentv); UINT_MAX: none yet */
unsigned ss_invite(const char *lines, const char *sdp);
/** The same dialog's INVITE once more, by another way */
unsigned ss_invite_again(const char *lines, const char *sdp);
/** CANCEL it, without and with the ACK to 300-699 */
void ss_cancel_alone(void);
void ss_cancel(void);
void ss_cancel_with(const char *lines);
/** ACK its 2xx */
void ss_ack(const char *sdp);

/** ss_invite(), accepted, acknowledged.  @return it worked */
bool ss_incoming(void);

/** rk_sent(), rk_sent_count() */
unsigned ss_sent(const char *what);
unsigned ss_sent_count(const char *what);

/** Number of events of that kind; the last one (NULL = none) */
unsigned ss_events(enum session_event event);
const struct ss_event *ss_event(enum session_event event);

/** Nothing is left: sessions, transactions, blocks, timers.  @return NULL */
const char *ss_end(void);

#endif
