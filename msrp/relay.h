/**
 * @file msrp/relay.h  MSRP relays from the client's side (RFC 4976 s5)
 */
#ifndef MSRP_RELAY_H
#define MSRP_RELAY_H

#include "msrp/msrp.h"

/** An authorisation at a relay.  The caller's, must stay until its outcome;
 *  set the first part, the rest is private */
struct msrp_auth {
	const char *relay;      /**< URI of the relay                       */
	const char *user;
	const char *password;
	uint32_t expires_s;     /**< asked for; 0: the relay decides        */
	/**
	 * The outcome
	 *
	 * @param status     200; 401, 403: not allowed; 408 no response, or
	 *                   the request could not be made; 423 out of
	 *                   bounds; 0 it is no relay of ours: its rspauth is
	 *                   wrong
	 * @param use_path   200: URIs to put before our own in a=path
	 * @param expires_s  200: for how long; call msrp_auth() again before;
	 *                   423: the bound
	 */
	void (*auth_h)(struct msrp_session *s, uint16_t status,
		       const struct pl *use_path, uint32_t expires_s,
		       void *arg);
	void *arg;

	const struct msrp_conn *conn;
	uint8_t challenges;
	bool qop;
	char realm[64];
	char nonce[128];
	char opaque[64];
};

/**
 * Authorise at a relay (RFC 4976 s5.1), or refresh that
 *
 * @param s     Session whose URI is authorised
 * @param conn  Connection to the relay: in use, or just made by us
 * @param a     Outcome: a->auth_h
 *
 * The connection is kept although no session may be bound to it.  A challenge
 * is answered once, and once more where it says that the nonce was stale.
 *
 * @return 0; EINVAL; EBUSY the session has asked; ENOMEM
 */
int msrp_auth(struct msrp_session *s, uint64_t now_ms, unsigned conn,
	      struct msrp_auth *a);

#endif
