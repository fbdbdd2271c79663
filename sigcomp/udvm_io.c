/**
 * @file udvm_io.c  UDVM instructions on strings, state and output: RFC 3320
 *                  s9.1.4, s9.3.5, s9.4.5 to s9.4.9
 */
#include <errno.h>
#include "sigcomp/udvm.h"


bool udvm_spend(struct udvm *u, uint32_t cycles)
{
	if (u->limit - u->used < cycles) {
		udvm_fail(u, SIGCOMP_CYCLES_EXHAUSTED);
		return false;
	}

	u->used += cycles;
	return true;
}


/** The same for what takes long in few cycles; at most 65535^2 of them */
bool udvm_dear(struct udvm *u, uint32_t cycles)
{
	u->dear += cycles + UDVM_DEAR;

	return udvm_spend(u, u->dear >> 16 ? UINT32_MAX : cycles);
}


/** Use a string in memory, or fail */
bool udvm_use(struct udvm *u, uint32_t addr, uint32_t len,
		   enum udvm_use use, void *arg)
{
	/* where it goes beyond a wrap is not asked here */
	if (use == UDVM_WRITE || use == UDVM_STATE)
		u->seen_high = 0;

	if (udvm_string(u->mem, u->size, addr, len, use, arg))
		return true;

	udvm_fail(u, SIGCOMP_SEGFAULT);
	return false;
}


void udvm_sha_1(struct udvm *u)
{
	uint8_t hash[SIGCOMP_ID_LEN];

	if (!udvm_dear(u, u->op[1]))
		return;

	if (udvm_hash(hash, NULL, 0, u->mem, u->size, u->op[0], u->op[1]))
		(void)udvm_use(u, u->op[2], sizeof(hash), UDVM_WRITE, hash);
	else
		udvm_fail(u, SIGCOMP_SEGFAULT);
}


void udvm_check_crc(struct udvm *u)
{
	uint16_t fcs = 0xffff;

	if (udvm_spend(u, u->op[2]) &&
	    udvm_use(u, u->op[1], u->op[2], UDVM_CRC, &fcs) &&
	    fcs != u->op[0])
		udvm_jump(u, u->op[3]);
}


void udvm_state_access(struct udvm *u)
{
	const uint32_t id_len = u->op[1], begin = u->op[2];
	uint32_t len = u->op[3], addr = u->op[4], instr = u->op[5];
	struct sigcomp *sc = u->sc;
	struct sigcomp_source src;
	struct sigcomp_state st;
	int err;

	if (id_len < 6 || id_len > SIGCOMP_ID_LEN) {
		udvm_fail(u, SIGCOMP_INVALID_STATE_ID_LENGTH);
		return;
	}

	if (!udvm_use(u, u->op[0], id_len, UDVM_READ, sc->id))
		return;

	sc->id_len = (uint8_t)id_len;

	err = sigcomp_find(&st, sc, sc->id, id_len);
	if (err || st.minacc > id_len) {
		/* RFC 4077 s3.2: too few bytes of identifier likewise */
		udvm_fail(u, err == EEXIST ? SIGCOMP_ID_NOT_UNIQUE :
		     SIGCOMP_STATE_NOT_FOUND);
		return;
	}

	if (!len) {
		if (begin) {
			udvm_fail(u, SIGCOMP_INVALID_STATE_PROBE);
			return;
		}
		len = st.len;
	}
	if (!addr)
		addr = st.addr;
	if (!instr)
		instr = st.instr;

	if (begin > st.len || st.len - begin < len) {
		udvm_fail(u, SIGCOMP_STATE_TOO_SHORT);
		return;
	}

	if (!udvm_dear(u, len))
		return;

	sigcomp_source_set(&src, st.value, begin);
	if (!udvm_use(u, addr, len, UDVM_STATE, &src))
		return;

	if (SIGCOMP_SHARED && st.prio == 65535 && st.age > sc->shared_age)
		sc->shared_age = st.age;
	if (instr)
		u->pc = instr;
}


/** Buffer a request; true unless there are four of its kind already */
static bool request(struct udvm *u, const struct sigcomp_request *req)
{
	struct sigcomp *sc = u->sc;
	unsigned i, n = 0;

	for (i = 0; i < sc->requests; ++i)
		n += sc->req[i].free == req->free;

	if (n >= SIGCOMP_REQUESTS) {
		udvm_fail(u, SIGCOMP_TOO_MANY_STATE_REQUESTS);
		return false;
	}

	sc->req[sc->requests++] = *req;
	return true;
}


/** A creation request from five operands */
static bool request_create(struct udvm *u, const uint16_t *op)
{
	struct sigcomp_request req = {
		.len = op[0], .addr = op[1], .instr = op[2],
		.minacc = op[3], .prio = op[4]
	};

	return request(u, &req);
}


void udvm_state_create(struct udvm *u)
{
	const uint32_t minacc = u->op[3];

	if (!udvm_spend(u, u->op[0]))
		return;

	if (minacc < 6 || minacc > SIGCOMP_ID_LEN)
		udvm_fail(u, SIGCOMP_INVALID_STATE_ID_LENGTH);
	else if (u->op[4] == 65535)
		udvm_fail(u, SIGCOMP_INVALID_STATE_PRIORITY);
	else
		(void)request_create(u, u->op);
}


void udvm_state_free(struct udvm *u)
{
	struct sigcomp_request req = {
		.free = true, .addr = u->op[0], .len = u->op[1]
	};

	if (req.len < 6 || req.len > SIGCOMP_ID_LEN)
		udvm_fail(u, SIGCOMP_INVALID_STATE_ID_LENGTH);
	else
		(void)request(u, &req);
}


void udvm_output(struct udvm *u)
{
	const uint32_t len = u->op[1];

	if (!udvm_spend(u, len))
		return;

	if (u->out_size - u->out_len < len) {
		udvm_fail(u, SIGCOMP_OUTPUT_OVERFLOW);
		return;
	}

	if (udvm_use(u, u->op[0], len, UDVM_READ, u->out + u->out_len)) {
		u->out_len += len;
		u->has_output = true;
	}
}


void udvm_end_message(struct udvm *u)
{
	struct sigcomp *sc = u->sc;
	const uint16_t *op = u->op;
	unsigned i;

	if (!udvm_spend(u, op[2]))
		return;

	/* a request of its own unless access length or priority say no */
	if (op[5] >= 6 && op[5] <= SIGCOMP_ID_LEN && op[6] != 65535 &&
	    !request_create(u, op + 2))
		return;

	for (i = 0; i < sc->requests; ++i) {
		if (!udvm_use(u, sc->req[i].addr, sc->req[i].len, UDVM_INSIDE,
			    NULL))
			return;
	}

	if (op[0] >= u->size || op[1] >= u->size)
		udvm_fail(u, SIGCOMP_SEGFAULT);

	sc->feedback_loc = op[0];
	sc->params_loc   = op[1];
}
