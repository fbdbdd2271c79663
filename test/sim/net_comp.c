/**
 * @file net_comp.c  SigComp at the scripted network's UDP ports
 *
 * The same library as the UE's: made for volume, lives and losses. The
 * independent judge is the lab.
 */
#include <string.h>
#include "sigcomp/lz.h"
#include "test/sim/net_core.h"


void net_use_sigcomp(struct net *net)
{
	struct net_comp *nc = &net->comp;

	nc->on = !sigcomp_storage_init(&nc->st, 16, &sigcomp_lz);
	memset(nc->sentv, 0, sizeof(nc->sentv));
	if (!nc->on)
		net->sim->broken = "the network has no SigComp";
}


/* RFC 5049 s8: was it sent before? */
static bool sent_before(struct net_comp *nc, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;

	for (i = 0; i < NET_COMP_SENT; i++) {
		if (nc->sentv[i] == h)
			return true;
	}

	nc->sentv[nc->next++ % NET_COMP_SENT] = h;

	return false;
}


void net_udp_send(struct net *net, const struct ue_addr *src,
		  const struct ue_addr *dst, const void *data, size_t len)
{
	struct net_comp *nc = &net->comp;
	/* TS 24.229 8.2: not outside of associations, where there are some */
	const bool on = nc->on && (!net->sec.on || src->port != 5060);
	size_t n;
	uint32_t handle = 0;

	if (on && !sigcomp_compress(&nc->st.sc, &nc->st.comp[0], nc->wire,
					sizeof(nc->wire), &n, &handle, data,
					len, SIGCOMP_FOLLOWED |
					(sent_before(nc, data, len)
					 ? SIGCOMP_AGAIN : 0))) {
		++nc->sent;
		data = nc->wire;
		len = n;
	}

	sim_udp_send(net->sim, src, dst, data, len);
}


bool net_comp_recv(struct net *net, const struct ue_addr *dst,
		   const struct ue_addr *src, uint8_t **data, size_t *len)
{
	struct net_comp *nc = &net->comp;
	struct sigcomp_result res;
	size_t n;

	if (!nc->on || !sigcomp_is_message(*data, *len)) {
		++nc->plain;
		return true;
	}

	if (sigcomp_decompress(&res, &nc->st.sc, nc->text, sizeof(nc->text),
			       *data, *len, false)) {

		++nc->failed;
		if (!sigcomp_nack(&n, &nc->st.sc, nc->wire, sizeof(nc->wire),
				  *data, *len))
			sim_udp_send(net->sim, dst, src, nc->wire, n);
		return false;
	}

	if (res.kind == SIGCOMP_NACK) {
		++nc->nacks;
		return false;
	}

	(void)sigcomp_accept(&nc->st.sc, &nc->st.comp[0]);
	++nc->received;
	*data = nc->text;
	*len = res.len;

	return true;
}
