/**
 * @file conf_kit.h  Conferences of a registered UE on reg_kit's port: the test
 * is the focus and writes its messages itself
 */
#ifndef CONF_KIT_H
#define CONF_KIT_H

#include "test/unit/reg_kit.h"

#define CK_FOCUS "sip:conference1@mrfc1.home1.net"
#define CK_FACTORY "sip:conference-factory1@mrfc1.home1.net"
#define CK_CONTACT "Contact: <" CK_FOCUS ">;isfocus\r\n"
#define CK_ROUTE "Record-Route: <sip:orig@scscf1.home1.net;lr>, " \
	"<sip:pcscf1.visited1.net:7531;lr>\r\n"
#define CK_ALLOW "Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, REFER, " \
	"SUBSCRIBE, NOTIFY\r\n"
#define CK_INFO "application/conference-info+xml"
#define CK_FRAG "message/sipfrag;version=2.0"

/** Audio of the peer */
#define CK_SDP "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n" \
	"c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 3456 RTP/AVP 97\r\n" \
	"a=rtpmap:97 AMR/8000\r\n"

struct ck {
	struct ue_conf *conf;   /* of the last command or invitation     */
	unsigned invite;        /* number of our INVITE, or of our 200   */
	unsigned subscribe;     /* number of our SUBSCRIBE               */
	unsigned cseq;          /* of the focus                          */
};

extern struct ck ck;

/** Registered, with audio.  before: change rk.set; may be NULL */
bool ck_begin(void (*before)(void));

/** Answer sent message n.  tag: To tag where the request had none */
void ck_answer(unsigned n, unsigned code, const char *tag, const char *lines,
	       const char *ctype, const char *body);

/** ue_conf_join() to CK_FOCUS up to the ACK; with the SUBSCRIBE sent but not
 *  answered, where there is one.  @return it worked */
bool ck_join(const struct ue_conf_params *prm);

/** The same and the subscription with its first roster: alice, bob, carol
 *  connected; version 1 */
bool ck_joined(void);

/** A request of the focus in the dialog of our request n, or outside of all
 *  (n UINT_MAX).  @return status of the answer, 0 = none yet */
unsigned ck_request(unsigned n, const char *tag, const char *method,
		    const char *lines, const char *ctype, const char *body);

/** NOTIFY `conference` in the dialog of ck.subscribe.  state:
 *  Subscription-State; doc NULL: no body.  @return status of the answer */
unsigned ck_notify(const char *state, const char *doc);

/** NOTIFY `refer` in the dialog of our REFER n */
unsigned ck_notify_refer(unsigned n, const char *state, const char *frag);

/** An INVITE of the focus outside of dialogs.  @return number of the first
 *  answer that is not 100, UINT_MAX: none yet */
unsigned ck_invite(const char *lines, const char *sdp);

/** Request in the dialog of that INVITE: ACK, BYE ...  @return status */
unsigned ck_in_invite(const char *method, const char *lines);

/** The same with a conference-info document */
unsigned ck_in_invite_body(const char *method, const char *lines,
			   const char *doc);

/** A document: version, state ("full" ...), content of users */
const char *ck_doc(unsigned version, const char *state, const char *users);
/** A user with one endpoint in that status */
#define CK_USER(uri, status)						\
	"<user entity=\"" uri "\"><endpoint entity=\"" uri "\"><status>"	\
	status "</status></endpoint></user>"

/** rk_sent(), rk_sent_count() */
unsigned ck_sent(const char *what);
unsigned ck_sent_count(const char *what);

/** Leave what is left, deregister, nothing may remain.  @return NULL */
const char *ck_end(void);

/* ---- messages against a table of the specification ---- */

/** A header field of a table.  val: `*` stands for any text; NULL: the field
 *  is in the table and not in the message, for the reason given */
struct ck_field {
	const char *name;
	const char *val;
	const char *why;        /**< of a difference; NULL = none        */
};

/**
 * Compare sent message n with a table, in any order: each field of the table
 * is there with that value, and the message has no other fields
 *
 * @param start   Start line
 * @param fieldv  Fields; ends with name NULL
 *
 * @return NULL, or what differs
 */
const char *ck_differs(unsigned n, const char *start,
		       const struct ck_field *fieldv);

#endif
