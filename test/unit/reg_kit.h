/**
 * @file reg_kit.h  A UE on a port that only remembers: the test is the
 * network and writes every message itself
 */
#ifndef REG_KIT_H
#define REG_KIT_H

#include "ue/ue.h"

#define RK_SENT 80
#define RK_TEXT 2400
#define RK_EVENTS 64

#define RK_HOME "home1.net"
#define RK_IMPU "sip:alice@home1.net"
#define RK_NONCE "AAECAwQFBgcICQoLDA0ODwABAgMEBYAAAAECAwQFBgc="

struct rk {
	struct ue ue;
	struct ue_settings set;
	struct ue_port port;
	uint64_t now_ms;

	unsigned flow;          /* datagram flow, UINT_MAX = closed      */
	struct ue_addr local;
	unsigned sentc;
	uint64_t at_msv[RK_SENT];
	char sentv[RK_SENT][RK_TEXT];

	unsigned eventc;
	struct ue_event eventv[RK_EVENTS];
	void (*eventh)(struct rk *k, const struct ue_event *ev);

	char log[160];          /* last line                             */
	unsigned wakes;
	uint32_t rnd;
	struct ue_usim_res card;
	bool card_silent;       /* no result until rk_card()             */
	uint8_t rand[16];
	unsigned asked;
	bool resolve_silent;
	uint32_t lookup;        /* the last one asked for                */
	char name[64];          /* its name                              */
	unsigned branch;        /* of requests of ours                   */
};

extern struct rk rk;

/** Fresh, time 5000, settings with everything set, P-CSCF 192.0.2.1 */
void rk_begin(void);

/** For flow_sendv of its port: takes nothing */
size_t rk_sendv(void *arg, unsigned flow, const struct ue_iov *iov,
		unsigned n);

/** ue_init() */
int rk_init(void);

/** Let time pass */
void rk_run(uint64_t ms);

/** Octets from the P-CSCF.  @return of ue_flow_recv() */
int rk_recv(const char *text);

/** Answer sent message n.  lines: further header fields, each with CRLF */
int rk_answer(unsigned n, unsigned code, const char *lines);

/** The same, and what is due then.  tag: To tag where the request had none,
 *  NULL: none; body NULL: none */
void rk_answer_as(unsigned n, unsigned code, const char *tag,
		  const char *lines, const char *ctype, const char *body);

/** Content-Type, Content-Length, the empty line and the body; NULL: none.
 *  @return buf */
const char *rk_body(char *buf, size_t size, const char *ctype,
		    const char *body);

/** Last message sent of that method, or status where what is a number;
 *  UINT_MAX: none.  How many */
unsigned rk_sent(const char *what);
unsigned rk_sent_count(const char *what);

/** The same for the last sent message, then time for what follows */
void rk_reply(unsigned code, const char *lines);

/** 401 AKAv1-MD5 with RK_NONCE to the last message */
void rk_challenge(void);

/** 200 with the contact of the last message, expires; further lines */
void rk_ok(uint32_t expires, const char *lines);

/** Register up to the answer to the SUBSCRIBE (not its NOTIFY).
 *  @return the number of the SUBSCRIBE, 0 = it did not work */
unsigned rk_registered(const char *lines);

/** NOTIFY in the dialog of SUBSCRIBE n; from_tag: ours */
int rk_notify(unsigned n, unsigned cseq, const char *from_tag,
	      const char *lines, const char *body);

/** The same, in order, active, with a document and our tag.
 *  @return status of the answer, 0 = none */
unsigned rk_document(unsigned n, unsigned cseq, const char *body);

/** A request outside of dialogs.  @return status of the answer */
unsigned rk_request(const char *method, const char *lines);

/** Last sent message; value of a header field of it ("" = not there); its
 *  status (0: a request) */
unsigned rk_last(void);
const char *rk_hdr(unsigned n, const char *name);
bool rk_has(unsigned n, const char *text);
bool rk_is(unsigned n, const char *method);
unsigned rk_status(unsigned n);

/** As if its peer had answered a request of the dialog, with this tag */
void rk_confirm(struct sip_dialog *dlg, const char *tag);

/** Number of events of that type; the last one of it, NULL = none */
unsigned rk_events(enum ue_event_type type);
const struct ue_event *rk_event(enum ue_event_type type);

/** A reginfo document with one registration and our contact.  version; full;
 *  state of the registration; contact: state, event, further attributes; NULL
 *  = no contact element */
const char *rk_reginfo(unsigned version, bool full, const char *aor,
		       const char *state, const char *cstate,
		       const char *event, const char *attrs);

/** Deregister if need be, let all timers end, ue_close().
 *  @return NULL or what is left */
const char *rk_end(void);

#endif
