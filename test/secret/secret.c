/**
 * @file secret.c  Where does the program's way depend on a secret?
 *
 * Under valgrind secrets are marked as undefined: every branch that depends
 * on one is reported. What may depend on them is the verdict alone, after
 * all octets have been compared. "unset" tells memcheck nothing: then there
 * is nothing to report.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>
#include "ports/common/usim_soft.h"
#include "test/unit/ipsec_help.h"

static bool secret;


static void hide(void *p, size_t len)
{
	if (secret)
		(void)VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}


/* RFC 4303 s3.4.4: the check value that we compute */
static void icv(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct ends e;
	struct room r;

	if (help_ends(&e, &prm))
		return;

	help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS, 0,
		    NULL, 0, 100);
	(void)ipsec_output(&e.ue, &r.pkt, 1);

	/* right in all octets but the last: an early end would be there */
	r.pkt.buf[r.pkt.pos + r.pkt.len - 1] ^= 1;
	hide(e.net.setv[0].crypto.mac.sha1.inner.state, 20);
	hide(e.net.setv[0].crypto.mac.sha1.outer.state, 20);
	(void)ipsec_input(&e.net, &r.pkt, 1);
}


static int nv_read(void *arg, const char *key, void *buf, size_t *len)
{
	(void)arg;
	(void)key;
	(void)buf;
	(void)len;

	return ENOENT;
}


/* TS 33.102 6.3.3: the MAC that the card computes */
static void mac(void)
{
	static const struct usim_soft_params prm = {
		.algorithm = USIM_MILENAGE, .k_len = 16, .res_len = 8,
		.mac_len = 8
	};
	static const uint8_t rand[16], autn[16];
	struct ue_port port;
	struct ue_usim_res res;
	struct usim_soft card;

	memset(&port, 0, sizeof(port));
	port.nv_read = nv_read;
	if (usim_soft_init(&card, &prm, &port))
		return;

	hide(card.prm.opc, 16);
	usim_soft_authenticate(&card, &res, rand, autn);
}


int main(int argc, char **argv)
{
	secret = argc < 2 || strcmp(argv[1], "unset");
	icv();
	mac();

	return 0;
}
