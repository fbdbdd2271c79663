/**
 * @file msrp_kit.h  Two MSRP endpoints and what lies between them, in virtual
 *                   time
 *
 * End 0 is the active one.  Octets lie in a pipe for each direction until
 * mkit_run() carries them over, in pieces of a random size; a pipe takes no
 * more than `room`.
 */
#ifndef MSRP_KIT_H
#define MSRP_KIT_H

#include "msrp/msrp.h"

enum { KIT_PIPE = 65536, KIT_TEXT = 4096, KIT_MSGS = 8, KIT_BUF = 65536 };

#define KIT_URI_0 "msrp://192.0.2.1:2855/alice0123456789;tcp"
#define KIT_URI_1 "msrp://192.0.2.2:2855/bob0123456789abc;tcp"
#define KIT_URI_2 "msrp://192.0.2.1:2855/second0123456789;tcp"
#define KIT_URI_3 "msrp://192.0.2.2:2855/second9876543210;tcp"

struct mkit_pipe {
	size_t len;
	size_t room;            /* of the buffer that may be used           */
	uint64_t total;         /* octets ever put in                       */
	uint8_t buf[KIT_PIPE];
};

/** One inbound message of an end */
struct mkit_in {
	bool used, done;
	char id[MSRP_TID_MAX + 1];
	char type[80];
	bool duplicate;
	struct msrp_result res;
	size_t streamed;        /* octets that data_h got                   */
	uint8_t *buf;
};

struct mkit_end {
	struct msrp m;
	struct msrp_session *s;
	bool up;                /* its connection is open                   */
	unsigned bound, failed;
	int fail_err;
	uint16_t fail_status;
	uint16_t verdict;       /* what open_h says; 0: 200                 */
	bool stream;            /* no buffers                               */
	struct mkit_in inv[KIT_MSGS];
	unsigned n_in;
	/* outcomes of its own messages */
	unsigned n_sent;
	struct msrp_result sentv[KIT_MSGS];
	char sent_idv[KIT_MSGS][MSRP_TID_MAX + 1];
	unsigned progress;
	uint16_t nickname;
	char log[KIT_TEXT];     /* the first octets it sent                 */
	size_t log_len;
	unsigned num;
	int random_err;         /* what its random source says             */
	/* large, not cleared each time */
	struct mkit_pipe out;    /* to the other end                         */
	uint8_t bufv[KIT_MSGS][KIT_BUF];
};

/** The handlers in which a test can do something */
enum mkit_call {
	KIT_BOUND = 1, KIT_FAILED, KIT_OPEN, KIT_DATA, KIT_DONE, KIT_SENT,
	KIT_NICKNAME
};

extern struct mkit_end mkit[2];
extern uint64_t mkit_ms;

/** Call act() once, from within the next such handler of any end */
void mkit_within(enum mkit_call call, void (*act)(void));

/** Both ends with a bound session over one connection */
void mkit_start(uint32_t max_size, uint32_t seed);

/** The same without a connection: sessions that know each other */
void mkit_open(uint32_t max_size, uint32_t seed);
void mkit_connect(void);

/** Carry octets until nothing moves; pieces of up to `step` */
void mkit_run(size_t step);

/** Carry at most n octets from an end; the connection stays */
void mkit_carry(unsigned from, size_t n);

/** Time passes, both ends are polled */
void mkit_pass(uint64_t ms);

/** The connection is gone at both ends, with what it held */
void mkit_cut(void);

/** Octets from a peer of our own making to an end, in pieces of `step` */
void mkit_inject(unsigned to, const char *text, size_t step);

/** A request to an end from a peer that says it is the other one */
void mkit_request(unsigned to, const char *tid, const char *method,
		  const char *hdrs, const char *body, char flag);

/** A response to an end, from such a peer; the identifier has 16 characters */
void mkit_respond(unsigned to, const char *tid, unsigned status);

/** A second session of both ends, over the same connection: *sp of end 0 */
void mkit_second(struct msrp_session **sp, struct msrp_session **peerp);

int mkit_send(unsigned from, const void *data, size_t len, bool success);

uint32_t mkit_rnd(uint32_t below);

/** What an end has sent since the last call, as text */
const char *mkit_wire(unsigned from);

/** The same, kept in mkit_text; how often a text occurs there */
void mkit_grab(unsigned from);
unsigned mkit_times(const char *what);
extern char mkit_text[KIT_TEXT];

#endif
