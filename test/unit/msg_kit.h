/**
 * @file msg_kit.h  Messages of a registered UE on session_kit's port, which
 * here has streams too: the test is SIP peer, MSRP peer and relay
 */
#ifndef MSG_KIT_H
#define MSG_KIT_H

#include "test/unit/session_kit.h"

/** What the UE does with streams */
struct mg {
	struct ue_messaging set;
	struct ue_relay relay;
	unsigned session;               /* of mg_call()                  */
	int open_err;                   /* of flow_open                  */
	bool no_listener;
	bool listening;
	bool full;                      /* nothing more is taken         */
	unsigned opens[MSRP_CONNS];
	bool open[MSRP_CONNS];
	struct ue_addr remote[MSRP_CONNS];
	char wire[MSRP_CONNS][4096];
	size_t wire_len[MSRP_CONNS];
	uint16_t verdict;               /* of open_h; 0: 200             */
	uint8_t in[4096];
	unsigned began;                 /* calls of open_h               */
	unsigned pages;
};

extern struct mg mg;

#define MG_RELAY "msrp://192.0.2.50:2855;tcp"
#define MG_USE_PATH "msrp://192.0.2.50:2855/jui787s2f;tcp"
#define MG_GRANTED "Use-Path: " MG_USE_PATH "\r\nExpires: 900\r\n"
#define MG_BOB "msrp://192.0.2.77:9000/s1;tcp"
#define MG_BOB_RELAY "msrp://192.0.2.60:2855/x;tcp " MG_BOB

/** Registered, messages served.  before: change mg.set or rk.set; may be
 *  NULL */
bool mg_begin(void (*before)(void));

/** The same with a relay, up to its first AUTH */
bool mg_begin_relay(void (*before)(void));

/** A description with a message stream at that address and port */
const char *mg_sdp(const char *addr, unsigned port, const char *path,
		   const char *attrs);

/** The same description with these lines at session level */
const char *mg_sdp_session(const char *sdp, const char *lines);

/** Our INVITE is sent.  @return its number */
unsigned mg_call(void);

/** mg_call(), answered, connected and bound on connection 0.  attrs: further
 *  ones of the answer.  @return it worked */
bool mg_bound(const char *attrs);

/** The port says: connected; gone; octets have come */
void mg_connected(unsigned conn);
void mg_gone(unsigned conn, int err);
void mg_recv(unsigned conn, const char *text);

/** What the UE has sent on a connection since the last call; before, it does
 *  what it has been told to */
const char *mg_wire(unsigned conn);

/** The same without that */
const char *mg_sent(unsigned conn);

/** Answer the request in text: "200 OK", further lines */
void mg_answer(unsigned conn, const char *text, const char *status,
	       const char *lines);

/** A request to the session that was described in SIP message n */
void mg_request(unsigned conn, unsigned n, const char *tid,
		const char *method, const char *lines, const char *body,
		char flag);

/** The URI of ours that SIP message n describes */
const char *mg_own(unsigned n);

/** The relay grants the AUTH on connection 0 that is on the wire */
void mg_granted(const char *lines);

#endif
