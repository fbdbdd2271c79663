/*
 * Proof: headers of SigComp messages and NACKs (sigcomp/header.c,
 * sigcomp/nack.c; RFC 3320 s7, RFC 4077)
 *
 * A message of any length and contents in memory of exactly that size, any
 * parameters of the endpoint: nothing outside of the message is read, what is
 * told of it lies in it, bytecode and state go into the memory of the machine,
 * which then fulfils the invariants at the head of udvm.h.  A NACK that is
 * written fits, of one that is read no more is read than there is.  There is no
 * bound; compartments are looked at one by one, so here is one.
 *
 * unwind: 17
 * prove: header_decode
 * bug: header_decode: sigcomp/header.c s/return n <= len ? n : 0/return n/
 * bug: header_decode: sigcomp/header.c s/rest_len < hdr->id_len/rest_len + 1 < hdr->id_len/
 * bug: header_decode: sigcomp/header.c s/hdr->rest_len < 2)/hdr->rest_len < 1)/
 * bug: header_decode: sigcomp/header.c s/hdr->rest_len < hdr->code_len/0/
 * prove: load_state
 * bug: load_state: sigcomp/header.c s/u->size - st.addr < st.len/u->size < st.len/
 * bug: load_state: sigcomp/header.c s/st.addr > u->size ||//
 * prove: load_code
 * bug: load_code: sigcomp/header.c s/u->size - hdr->dest < hdr->code_len/u->size < hdr->code_len/
 * prove: udvm_load
 * bug: udvm_load: sigcomp/header.c s/u->size > UDVM_SPACE/u->size > 2 * UDVM_SPACE/
 * bug: udvm_load: sigcomp/header.c s/msg_len <= set->dms/1/
 * bug: udvm_load: sigcomp/header.c s/u->size < UDVM_MIN/u->size < 1/
 * prove: sigcomp_load
 * bug: sigcomp_load: sigcomp/header.c s/hdr.rest_len - hdr.code_len/hdr.rest_len/
 * prove: sigcomp_nack
 * bug: sigcomp_nack: sigcomp/nack.c s/size < SIGCOMP_NACK_MAX/size < SIGCOMP_NACK_MAX - 1/
 * prove: sigcomp_nack_read
 * bug: sigcomp_nack_read: sigcomp/nack.c s/len < NACK_DETAIL/len < NACK_HASH/
 * bug: sigcomp_nack_read: sigcomp/nack.c s/i < SIGCOMP_NACK_LIST/i <= SIGCOMP_NACK_LIST/
 */
#include "test/proof/proof.h"
#include "sigcomp/header.c"
#include "sigcomp/nack.c"

struct udvm nondet_udvm(void);
struct sigcomp nondet_sigcomp(void);
struct sigcomp_state nondet_state(void);
struct sigcomp_compartment nondet_compartment(void);
struct header nondet_header(void);

static struct sigcomp sc;
static struct sigcomp_compartment comp;
static uint32_t state_len;


/* ------------------------------------------------------------------ */
/* Contracts of others */

void *memcpy(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && (n == 0 || __CPROVER_w_ok(dst, n)));

	return dst;
}


/** The structure of a header is empty then */
void *memset(void *dst, int c, size_t n)
{
	ASSERT(n == 0 || __CPROVER_w_ok(dst, n));
	if (c == 0 && n == sizeof(struct header))
		*(struct header *)dst = (struct header){0};

	return dst;
}


int sigcomp_find(struct sigcomp_state *st, const struct sigcomp *s,
		 const uint8_t *id, size_t len)
{
	(void)s;
	ASSERT(len <= SIGCOMP_ID_LEN && readable(id, len));
	*st = nondet_state();
	state_len = st->len;

	return nondet_bool() ? 0 : nondet_bool() ? EEXIST : ENOENT;
}


void sigcomp_source_set(struct sigcomp_source *src, const uint8_t *value,
			uint32_t pos)
{
	(void)src;
	(void)value;
	ASSERT(pos == 0);
}


void sigcomp_source_read(struct sigcomp_source *src, uint8_t *dst,
			 uint32_t len)
{
	(void)src;
	ASSERT(len <= state_len && (len == 0 || __CPROVER_w_ok(dst, len)));
}


int mbedtls_sha1_ret(const unsigned char *input, size_t ilen,
		     unsigned char output[20])
{
	ASSERT(readable(input, ilen) && __CPROVER_w_ok(output, 20));

	return nondet_int();
}


void sigcomp_policy_refused(struct sigcomp_compartment *c,
			    const struct sigcomp_sent *sent,
			    enum sigcomp_reason reason, const uint8_t *detail,
			    size_t len)
{
	(void)c;
	(void)reason;
	ASSERT(readable(sent, sizeof(*sent)) && readable(detail, len));
}


/* ------------------------------------------------------------------ */
/* A message */

static const uint8_t *any_message(uint32_t *len)
{
	*len = nondet_u32();
	ASSUME(*len <= SIGCOMP_MESSAGE_MAX);

	return any_octets(*len);
}


/** What is told of a message lies in it */
static bool in_message(const struct header *hdr, const uint8_t *msg,
		       uint32_t len)
{
	return __CPROVER_same_object(hdr->rest, msg) &&
		PLACE(hdr->rest) >= hdr->id_len && hdr->id_len <= 12 &&
		hdr->rest_len <= len &&
		PLACE(hdr->rest) == len - hdr->rest_len &&
		hdr->code_len <= hdr->rest_len && hdr->code_len <= 4095 &&
		hdr->dest <= 1024 && hdr->bits <= 8 * len &&
		(!hdr->item_len ||
		 (__CPROVER_same_object(hdr->item, msg) &&
		  hdr->item_len <= 128 && hdr->item_len <= len &&
		  PLACE(hdr->item) <= len - hdr->item_len));
}


enum sigcomp_reason header_decode_contract(struct header *hdr,
					   const uint8_t *msg, uint32_t len)
{
	ASSERT(len && readable(msg, len));
	*hdr = nondet_header();
	if (nondet_bool())
		return SIGCOMP_MESSAGE_TOO_SHORT;
	ASSUME(in_message(hdr, msg, len));

	return SIGCOMP_OK;
}


void prove_header_decode(void)
{
	uint32_t len;
	const uint8_t *msg = any_message(&len);
	struct header hdr;

	ASSUME(len);
	if (!header_decode(&hdr, msg, len))
		ASSERT(in_message(&hdr, msg, len));
}


/** The endpoint has given memory for what it said of itself */
static struct udvm any_udvm(void)
{
	const uint8_t shift = nondet_u8();
	struct udvm u = nondet_udvm();

	sc = nondet_sigcomp();
	sc.set.dms = nondet_bool() ? 131072 : 2048;
	if (nondet_bool()) {
		ASSUME(shift <= 6);
		sc.set.dms = 2048u << shift;
	}
	ASSUME(sc.set.cpb <= 128 && sc.id_len <= SIGCOMP_ID_LEN);
	u.mem = any_octets((sc.set.dms > UDVM_SPACE ? UDVM_SPACE :
			    sc.set.dms) + UDVM_PAD);
	u.size = 0;
	u.reason = 0;
	u.sc = &sc;

	return u;
}


/** The size is known */
static void sized(struct udvm *u)
{
	u->size = nondet_u32();
	ASSUME(u->size >= UDVM_MIN && u->size <= UDVM_SPACE &&
	       u->size <= sc.set.dms);
}


static struct header any_header(const uint8_t *msg, uint32_t len)
{
	struct header hdr = nondet_header();

	ASSUME(len && in_message(&hdr, msg, len));

	return hdr;
}


enum sigcomp_reason load_state_contract(struct udvm *u,
					const struct header *hdr)
{
	(void)hdr;
	ASSERT(u->size >= UDVM_MIN && u->size <= UDVM_SPACE &&
	       __CPROVER_w_ok(u->mem, u->size + UDVM_PAD));

	return nondet_bool() ? SIGCOMP_OK : SIGCOMP_STATE_NOT_FOUND;
}


void prove_load_state(void)
{
	uint32_t len;
	const uint8_t *msg = any_message(&len);
	struct udvm u = any_udvm();
	const struct header hdr = any_header(msg, len);

	sized(&u);
	(void)load_state(&u, &hdr);
}


enum sigcomp_reason load_code_contract(struct udvm *u,
				       const struct header *hdr)
{
	return load_state_contract(u, hdr);
}


void prove_load_code(void)
{
	uint32_t len;
	const uint8_t *msg = any_message(&len);
	struct udvm u = any_udvm();
	const struct header hdr = any_header(msg, len);

	sized(&u);
	(void)load_code(&u, &hdr);
}


enum sigcomp_reason udvm_load_contract(struct udvm *u,
				       const struct header *hdr,
				       uint32_t msg_len, bool stream)
{
	(void)u;
	(void)hdr;
	(void)msg_len;
	(void)stream;

	return nondet_bool() ? SIGCOMP_OK : SIGCOMP_SEGFAULT;
}


void prove_udvm_load(void)
{
	uint32_t len;
	const uint8_t *msg = any_message(&len);
	struct udvm u = any_udvm();
	const struct header hdr = any_header(msg, len);

	if (udvm_load(&u, &hdr, len, nondet_bool()))
		return;
	ASSERT(u.size >= UDVM_MIN && u.size <= UDVM_SPACE &&
	       __CPROVER_w_ok(u.mem, u.size + UDVM_PAD));
	/* and no cycles of the message will make it wrap */
	ASSERT(u.limit <= (1000 + 8 * SIGCOMP_MESSAGE_MAX) * 128);
}


void prove_sigcomp_load(void)
{
	uint32_t len, version;
	const uint8_t *msg = any_message(&len);
	struct udvm u = any_udvm();

	version = sigcomp_load(&u, msg, len, nondet_bool());
	if (!version && u.reason)
		return;
	ASSERT(__CPROVER_same_object(u.msg, msg) && u.msg_len <= len &&
	       PLACE(u.msg) == len - u.msg_len);
	ASSERT(readable(sc.returned, sc.returned_len));
}


/* ------------------------------------------------------------------ */
/* NACKs */

void prove_sigcomp_nack(void)
{
	const size_t size = nondet_u16();
	uint32_t len;
	const uint8_t *msg = any_message(&len);
	size_t n;

	sc = nondet_sigcomp();
	ASSUME(sc.id_len <= SIGCOMP_ID_LEN);
	/* where the NACK begins is a place before the size is asked for */
	ASSUME(size >= NACK_HEADER);
	if (!sigcomp_nack(&n, &sc, any_octets(size), size,
			  nondet_bool() ? msg : NULL, len))
		ASSERT(n <= SIGCOMP_NACK_MAX && n <= size);
}


void prove_sigcomp_nack_read(void)
{
	struct sigcomp_result res;
	uint32_t len;
	const uint8_t *msg = any_message(&len);

	comp = nondet_compartment();
	comp.next = NULL;
	sc = nondet_sigcomp();
	sc.comp = nondet_bool() ? &comp : NULL;
	(void)sigcomp_nack_read(&res, &sc, msg, len, nondet_u8());
}
