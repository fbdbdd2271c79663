/**
 * @file msrp/core.h  Between the files of MSRP sessions.  Internal
 */
#ifndef MSRP_CORE_H
#define MSRP_CORE_H

#include "msrp/msrp.h"

/** What waits to be sent, and what a transaction is about */
enum msrp_kind {
	MSRP_K_RESPONSE = 1,    /* to a request of a session                */
	MSRP_K_STRANGE,         /* to another: paths in conn->from and to   */
	MSRP_K_REPORT,
	MSRP_K_BIND,            /* SEND without body                        */
	MSRP_K_NICKNAME,
	MSRP_K_AUTH,
	MSRP_K_CHUNK
};

/** Life of an outbound message */
enum msrp_out_state {
	MSRP_O_FREE = 0,
	MSRP_O_SENDING,
	MSRP_O_SENT,            /* all of it; responses or reports awaited  */
	MSRP_O_ENDING           /* failed; ends when nothing points to it   */
};

/**
 * What a request that is being received still gets: at its end the status that
 * it is named after, an error whenever there is one (RFC 4975 s7.1.4)
 */
enum msrp_due {
	MSRP_DUE_NOTHING = 0,   /* it has had it, or wants none            */
	MSRP_DUE_ERROR,         /* Failure-Report: partial                 */
	MSRP_DUE_OK   = 200,    /* Failure-Report: yes                     */
	MSRP_DUE_STOP = 413     /* its message is given up: at the next
				   octets, too (s10.5)                     */
};

/** Places of struct msrp_session.openv */
enum { MSRP_WAY_IN, MSRP_WAY_OUT };

/* session.c */
bool msrp_place(const struct msrp_session *s, unsigned way, unsigned max);
void msrp_conn_begin(struct msrp *m, struct msrp_conn *c);
void msrp_conn_end(struct msrp *m, struct msrp_conn *c, int err, bool tell);
void msrp_session_fail(struct msrp_session *s, int err, uint16_t status);
uint32_t msrp_left(const struct msrp *m, uint32_t due_ms);
bool msrp_session_known(const struct msrp_session *s);
void msrp_pl_str(struct pl *pl, const char *str);
void msrp_str_pl(char *str, size_t size, const struct pl *pl);

/* sender.c */
void msrp_pump(struct msrp *m, struct msrp_conn *c);
void msrp_out_fail(struct msrp *m, struct msrp_out *o, int err,
		   uint16_t status);
void msrp_out_drop(struct msrp *m, struct msrp_conn *c,
		   const struct msrp_session *s);
bool msrp_out_settle(struct msrp *m, struct msrp_out *o);
struct msrp_trans *msrp_trans_free(struct msrp_conn *c);
struct msrp_trans *msrp_trans_begin(struct msrp *m, struct msrp_conn *c,
				    enum msrp_kind kind,
				    struct msrp_session *s);

/* reply.c */
struct msrp_reply *msrp_reply_new(struct msrp_conn *c, enum msrp_kind kind,
				  struct msrp_session *s);
bool msrp_request_new(struct msrp_conn *c, enum msrp_kind kind,
		      struct msrp_session *s);
bool msrp_reply_room(const struct msrp_conn *c);
void msrp_conn_forget(struct msrp_conn *c, const struct msrp_session *s);
int msrp_reply_write(struct msrp *m, struct msrp_conn *c);
void msrp_answered(struct msrp *m, struct msrp_conn *c, const struct pl *tid,
		   uint16_t status);
void msrp_reported(struct msrp *m, struct msrp_session *s);
void msrp_trans_due(struct msrp *m, struct msrp_conn *c);

/* relay.c */
#if MSRP_RELAY
void msrp_auth_write(struct msrp_text *t, const struct msrp_auth *a,
		     const char *cnonce);
void msrp_auth_answered(struct msrp *m, struct msrp_conn *c,
			struct msrp_session *s, uint16_t status);
void msrp_auth_lost(struct msrp *m, struct msrp_conn *c);
#else
static inline void msrp_auth_write(struct msrp_text *t,
				   const struct msrp_auth *a,
				   const char *cnonce)
{
	(void)t;
	(void)a;
	(void)cnonce;
}


static inline void msrp_auth_answered(struct msrp *m, struct msrp_conn *c,
				      struct msrp_session *s, uint16_t status)
{
	(void)m;
	(void)c;
	(void)s;
	(void)status;
}


static inline void msrp_auth_lost(struct msrp *m, struct msrp_conn *c)
{
	(void)m;
	(void)c;
}
#endif

/* receiver.c */
int msrp_take(struct msrp *m, struct msrp_conn *c,
	      const struct msrp_found *f);
void msrp_in_end(struct msrp *m, struct msrp_in *in, int err);
void msrp_in_drop(struct msrp *m, const struct msrp_session *s);

#endif
