/**
 * @file sip_kit.h  A SIP core on a port that only remembers, in virtual time
 */
#ifndef SIP_KIT_H
#define SIP_KIT_H

#include "ue/sip/sip.h"

#define KIT_SENT 100
#define KIT_DATA 40000
#define KIT_CALLS 24

/* what kit_init() makes */
#define KIT_UDP 1
#define KIT_TCP 2
#define KIT_IMS 4               /* T1 2 s, T2 16 s, T4 17 s, else RFC 3261 */

struct kit_sent {
	uint64_t at_ms;
	unsigned flow;
	struct ue_addr dst;
	const char *msg;        /* zero-terminated */
	size_t len;
};

struct kit_call {
	uint64_t at_ms;
	int err;
	uint16_t code;
	uint8_t method;
	bool st;
	const void *who;
};

struct kit_flow {
	bool open;
	struct ue_flow_params prm;
	struct ue_addr local;
};

struct kit {
	struct ue_timers timers;
	struct ue_port port;
	struct sip sip;
	struct sip_hop hop;

	/* the port */
	struct kit_flow flowv[UE_FLOWS_MAX];
	uint16_t next_port;
	uint16_t tcp_taken;     /* this port is taken for listeners      */
	int open_err;           /* of the next flow_open() of open_kind  */
	enum ue_flow_kind open_kind;
	bool connect_at_once;   /* connected from inside flow_open()     */
	bool refuse_at_once;    /* closed from inside flow_open()        */
	int send_err;           /* of each flow_send()                   */
	int random_err;
	uint32_t rnd;
	unsigned traced;

	struct kit_sent sentv[KIT_SENT];
	unsigned sentc;
	size_t used;
	char data[KIT_DATA];

	/* handlers */
	struct kit_call respv[KIT_CALLS];
	unsigned respc;
	struct kit_call reqv[KIT_CALLS];
	unsigned reqc;
	struct kit_call stv[KIT_CALLS];
	unsigned stc;
	struct kit_call hopv[KIT_CALLS];
	unsigned hopc;
	struct sip_strans *st;  /* last one handed out                   */
	uint16_t auto_code;     /* answer from inside the handler        */
	bool close_hop;         /* close the hop in each handler         */
};

extern const struct ue_addr kit_own, kit_peer, kit_other;

/** Everything fresh, time 0; the hop is open unless what is 0 */
void kit_init(struct kit *k, unsigned what);

/** Nothing in use: no transaction, block, timer of a transaction */
bool kit_clean(const struct kit *k);

/** Run all timers up to a time */
void kit_run(struct kit *k, uint64_t until_ms);

/** Number of the flow of that kind that was opened last, -1 = none */
int kit_flow(const struct kit *k, enum ue_flow_kind kind);

/** Write a request with From, To, Call-ID, CSeq and a header of pad octets */
void kit_begin(struct kit *k, const char *method, size_t pad);

/** The same and start its transaction */
int kit_start(struct kit *k, struct sip_ctrans **ct, const char *method,
	      size_t pad);

/** Octets from a peer over a flow, in a buffer of their own */
void kit_recv(struct kit *k, int flow, const struct ue_addr *src,
	      const char *data, size_t len);
void kit_recv_str(struct kit *k, int flow, const char *str);

/** Response to the sent request n: to_tag, extra header lines may be NULL */
void kit_respond(struct kit *k, unsigned n, unsigned code,
		 const char *to_tag, const char *extra);

/** Text of a response to the sent request n */
const char *kit_response(struct kit *k, unsigned n, unsigned code,
			 const char *to_tag, const char *extra);

/** A request from the P-CSCF over the flow: branch, CSeq, To tag (NULL =
 *  none), extra header lines (NULL = none) */
void kit_request(struct kit *k, int flow, const char *method,
		 const char *branch, unsigned cseq, const char *to_tag,
		 const char *extra);
const char *kit_request_text(const char *transport, const char *method,
			     const char *branch, unsigned cseq,
			     const char *to_tag, const char *extra);

/** Does sent message n contain the text?  Begin with it? */
bool kit_has(const struct kit *k, unsigned n, const char *text);
bool kit_is(const struct kit *k, unsigned n, const char *start);

/** Value of a header field of sent message n (name without colon); "" */
const char *kit_hdr(const struct kit *k, unsigned n, const char *name);

/** How many messages were sent at these times, from sent message n on?  The
 *  result is the number of right ones in order; times end with UINT64_MAX */
unsigned kit_times(const struct kit *k, unsigned n, const uint64_t *timev);

#endif
