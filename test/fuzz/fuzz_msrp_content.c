/**
 * @file fuzz_msrp_content.c  libFuzzer target: CPIM, IMDN, is-composing
 *
 * What is accepted lies inside the input; what CPIM gives can be written and
 * read again.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "msrp/cpim.h"
#include "msrp/imdn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);


static void must(int cond)
{
	if (!cond)
		abort();
}


static void inside(const struct pl *pl, const char *p, size_t n)
{
	must(!pl->l || (pl->p >= p && pl->p + pl->l <= p + n));
}


static void cpim(const char *p, size_t n)
{
	static char out[1 << 17];
	struct msrp_cpim c, back;
	struct msrp_text t;

	if (msrp_cpim_decode(&c, p, n))
		return;

	inside(&c.from, p, n);
	inside(&c.to, p, n);
	inside(&c.imdn_id, p, n);
	inside(&c.imdn_want, p, n);
	inside(&c.type, p, n);
	inside(&c.content, p, n);
	if (msrp_cpim_uri(&c.from, &c.from))
		c.from = pl_null;
	if (msrp_cpim_uri(&c.to, &c.to))
		c.to = pl_null;
	if (!c.type.p)
		return;
	/* written only behind a name space */
	if (!c.imdn_id.p)
		c.imdn_want = pl_null;

	msrp_text_init(&t, out, sizeof(out));
	if (msrp_cpim_write(&t, &c))
		return;
	must(!msrp_cpim_decode(&back, out, t.len));
	must(!pl_cmp(&back.type, &c.type));
	must(!pl_cmp(&back.imdn_id, &c.imdn_id));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *p = malloc(len ? len : 1);
	const struct pl pl = {p, len};
	enum msrp_imdn_status st;
	uint32_t refresh;
	struct pl id;
	bool active;

	if (len)
		memcpy(p, data, len);
	cpim(p, len);
	if (!msrp_imdn_decode(&id, &st, &pl))
		inside(&id, p, len);
	(void)msrp_composing_decode(&active, &refresh, &pl);
	free(p);

	return 0;
}
