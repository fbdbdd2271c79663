/*
 * Proof: instructions on state, output and requests (sigcomp/udvm_io.c,
 * RFC 3320 s9.4)
 *
 * Any operands: of an identifier no more is kept than there is room for, of a
 * state no more is read than it has, the output stays in its buffer and
 * requests in their table.  What is used of the memory is proved in
 * sigcomp_string.  The loops are unwound: they go over requests.
 *
 * unwind: 9
 * prove: udvm_spend
 * bug: udvm_spend: sigcomp/udvm_io.c s/u->limit - u->used < cycles/u->limit < cycles/
 * prove: udvm_dear
 * bug: udvm_dear: sigcomp/udvm_io.c s/u->dear >> 16/u->dear >> 17/
 * prove: udvm_sha_1
 * bug: udvm_sha_1: sigcomp/udvm_io.c s/, sizeof(hash), /, sizeof(hash) + 1, /
 * prove: udvm_state_access
 * bug: udvm_state_access: sigcomp/udvm_io.c s/id_len > SIGCOMP_ID_LEN/id_len > 22/
 * bug: udvm_state_access: sigcomp/udvm_io.c s/begin > st.len || //
 * bug: udvm_state_access: sigcomp/udvm_io.c s/st.len - begin < len/st.len < len/
 * prove: request
 * bug: request: sigcomp/udvm_io.c s/n >= SIGCOMP_REQUESTS/n > SIGCOMP_REQUESTS/
 * prove: udvm_output
 * bug: udvm_output: sigcomp/udvm_io.c s/u->out_size - u->out_len < len/u->out_size < len/
 * prove: udvm_end_message
 * bug: udvm_end_message: sigcomp/udvm_io.c s/i < sc->requests; ++i) {$/i <= sc->requests; ++i) {/
 */
#include "test/proof/proof.h"
#include "sigcomp/udvm_io.c"

struct udvm nondet_udvm(void);
struct sigcomp nondet_sigcomp(void);
struct sigcomp_state nondet_state(void);

static struct sigcomp sc;
static const uint8_t *value;

/** Octets that are left of the state that is read */
static uint32_t left;


static unsigned count(bool free)
{
	unsigned i, n = 0;

	for (i = 0; i < 2 * SIGCOMP_REQUESTS; i++)
		n += i < sc.requests && sc.req[i].free == free;

	return n;
}


/** No more requests than there may be of each kind */
static bool state(void)
{
	return sc.requests <= 2 * SIGCOMP_REQUESTS &&
		count(true) <= SIGCOMP_REQUESTS &&
		count(false) <= SIGCOMP_REQUESTS;
}


static void any_sigcomp(void)
{
	unsigned i;

	sc = nondet_sigcomp();
	/* not with bool of more than true and false */
	for (i = 0; i < 2 * SIGCOMP_REQUESTS; i++)
		sc.req[i].free = nondet_bool();
	ASSUME(state());
}


static struct udvm any_udvm(void)
{
	struct udvm u = nondet_udvm();

	any_sigcomp();
	u.sc = &sc;
	ASSUME(u.used <= u.limit);

	return u;
}


static void holds(const struct udvm *u)
{
	ASSERT(state() && u->used <= u->limit);
}


/* ------------------------------------------------------------------ */
/* Contracts of others */

bool udvm_string(uint8_t *mem, uint32_t size, uint32_t addr, uint32_t len,
		 enum udvm_use use, void *arg)
{
	(void)mem;
	(void)size;
	(void)addr;
	if (use == UDVM_READ)
		ASSERT(len == 0 || __CPROVER_w_ok(arg, len));
	if (use == UDVM_WRITE)
		ASSERT(readable(arg, len));
	if (use == UDVM_STATE)
		ASSERT(len <= left);

	return nondet_bool();
}


bool udvm_hash(uint8_t *hash, const uint8_t *head, size_t head_len,
	       uint8_t *mem, uint32_t size, uint32_t addr, uint32_t len)
{
	(void)mem;
	(void)size;
	(void)addr;
	(void)len;
	ASSERT(__CPROVER_w_ok(hash, SIGCOMP_ID_LEN));
	ASSERT(readable(head, head_len));

	return nondet_bool();
}


int sigcomp_find(struct sigcomp_state *st, const struct sigcomp *s,
		 const uint8_t *id, size_t len)
{
	(void)s;
	ASSERT(len <= SIGCOMP_ID_LEN && readable(id, len));
	*st = nondet_state();
	st->value = value;
	left = st->len;

	return nondet_bool() ? 0 : nondet_bool() ? EEXIST : ENOENT;
}


void sigcomp_source_set(struct sigcomp_source *src, const uint8_t *v,
			uint32_t pos)
{
	(void)src;
	ASSERT(v == value && pos <= left);
	left -= pos;
}


/* ------------------------------------------------------------------ */

void prove_udvm_spend(void)
{
	struct udvm u = any_udvm();

	(void)udvm_spend(&u, nondet_u32());
	holds(&u);
}


void prove_udvm_dear(void)
{
	struct udvm u = any_udvm();

	ASSUME(u.dear <= UINT16_MAX && u.limit < 1U << 31);
	ASSERT(!udvm_dear(&u, nondet_u32() % 4294836226U) ||
	       u.dear <= UINT16_MAX);
	holds(&u);
}


void prove_udvm_sha_1(void)
{
	struct udvm u = any_udvm();

	udvm_sha_1(&u);
	holds(&u);
}


void prove_udvm_state_access(void)
{
	struct udvm u = any_udvm();

	udvm_state_access(&u);
	holds(&u);
}


bool request_contract(struct udvm *u, const struct sigcomp_request *req)
{
	ASSERT(state() && readable(req, sizeof(*req)));
	any_sigcomp();
	if (nondet_bool())
		return true;
	udvm_fail(u, SIGCOMP_TOO_MANY_STATE_REQUESTS);

	return false;
}


void prove_request(void)
{
	struct udvm u = any_udvm();
	struct sigcomp_request req;

	req.free = nondet_bool();
	(void)request(&u, &req);
	holds(&u);
}


void prove_udvm_output(void)
{
	struct udvm u = any_udvm();

	u.out = any_octets(u.out_size);
	ASSUME(u.out_len <= u.out_size);
	udvm_output(&u);
	holds(&u);
	ASSERT(u.out_len <= u.out_size);
}


void prove_udvm_end_message(void)
{
	struct udvm u = any_udvm();

	udvm_end_message(&u);
	holds(&u);
}
