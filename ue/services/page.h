/**
 * @file page.h  Page mode: MESSAGE outside of dialogs (TS 24.247 clause 5, RFC
 * 3428)
 */
#ifndef SERVICES_PAGE_H
#define SERVICES_PAGE_H

#include "ue/services/imdn.h"
#include "ue/sip/sip.h"

struct ue;

/** RFC 3428 s8: largest MESSAGE outside of a session; here that of its body:
 *  the way to the P-CSCF is TCP where the whole is larger than 1300 octets
 *  (RFC 3261 s18.1.1) */
#define UE_PAGE_MAX 1300

/** All of a UE; private */
struct pages {
	struct ue *ue;
	const struct sip_msg *msg;      /* being handled, NULL: none */
	struct page {
		struct pages *all;
		void *arg;
		bool used;
		bool quiet;             /* of our own: without event */
	} v[UE_PAGES_MAX];
};

/* ---- for ue.c ---- */

void pages_init(struct pages *ps, struct ue *ue);

/** A MESSAGE from the network, where the settings have page_h: it is
 *  answered */
void pages_request(struct pages *ps, struct sip_strans *st,
		   const struct sip_msg *msg);

/* ---- for messaging_send.c ---- */

/** Send the notification about a message in CPIM that came by MESSAGE.  While
 *  that is handled only to who has sent it; of delivery only where room is
 *  left for another one */
int page_notify(struct ue *ue, const struct msrp_cpim *c,
		enum msrp_imdn_status status);

#endif
