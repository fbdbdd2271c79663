/**
 * @file state.c  State handler (RFC 3320 s6, RFC 4896 s5 to s7)
 *
 * A compartment's states are records packed into its arena, oldest place
 * first. RFC 3320 s6.2 charges each state its length and 64 octets; a record
 * head with padding takes 39 at most, so an arena of state_memory_size bytes
 * always holds what the accounting allows, whatever the number of states.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/sha1.h>
#include "sigcomp/state.h"

enum { ID_HEAD = 8 };

_Static_assert(sizeof(struct sigcomp_record) + 3 <= SIGCOMP_STATE_COST,
	       "a record must fit into what a state is charged");


static const struct sigcomp_local {
	const uint8_t *id;
	const uint8_t *value;
	uint16_t len;
} local_state[] = {
	/* RFC 3485 s3 and RFC 5112 s4: state_address and state_instruction
	   0, minimum_access_length 6 */
	{ sigcomp_dictionary_id, NULL, SIGCOMP_DICTIONARY_LEN },
#if SIGCOMP_PRESENCE
	{ sigcomp_presence_id, sigcomp_presence, SIGCOMP_PRESENCE_LEN },
#endif
};


static struct sigcomp_record *record_at(
	const struct sigcomp_compartment *comp, uint32_t pos)
{
	/* arena and record sizes are multiples of the alignment */
	return (struct sigcomp_record *)(void *)(comp->arena + pos);
}


static uint8_t *record_value(struct sigcomp_record *rec)
{
	return (uint8_t *)(rec + 1);
}


/* -- identifiers --------------------------------------------------------- */

/** What is hashed before the state_value (RFC 3320 s9.4.9) */
static void id_head(uint8_t *head, uint32_t len, uint32_t addr,
		    uint32_t instr, uint32_t minacc)
{
	udvm_put(head,     len);
	udvm_put(head + 2, addr);
	udvm_put(head + 4, instr);
	udvm_put(head + 6, minacc);
}


int sigcomp_state_id(uint8_t id[SIGCOMP_ID_LEN], uint16_t addr,
		     uint16_t instr, uint16_t minacc,
		     const struct sigcomp_piece *piece, unsigned n)
{
	mbedtls_sha1_context ctx;
	uint8_t head[ID_HEAD];
	size_t len = 0;
	unsigned i;
	int bad;

	for (i = 0; i < n; ++i) {
		if (piece[i].len > 65535 - len)
			return EINVAL;
		len += piece[i].len;
	}

	id_head(head, (uint32_t)len, addr, instr, minacc);
	mbedtls_sha1_init(&ctx);
	bad = mbedtls_sha1_starts_ret(&ctx) ||
		mbedtls_sha1_update_ret(&ctx, head, sizeof(head));
	for (i = 0; i < n && !bad; ++i)
		bad = mbedtls_sha1_update_ret(&ctx, piece[i].p, piece[i].len);

	return bad || mbedtls_sha1_finish_ret(&ctx, id) ? EIO : 0;
}


/* -- finding ------------------------------------------------------------- */

/** Among the locally available states (RFC 3320 s3.3.3) */
static void find_local(struct sigcomp_state *st, const uint8_t *id,
		       size_t len)
{
	unsigned i;

	for (i = 0; i < sizeof(local_state) / sizeof(*local_state); ++i) {
		const struct sigcomp_local *loc = &local_state[i];

		if (!memcmp(loc->id, id, len)) {
			st->id = loc->id;
			st->value = loc->value;
			st->len = loc->len;
			st->minacc = 6;
			st->prio = 65535;
		}
	}
}


int sigcomp_find(struct sigcomp_state *st, const struct sigcomp *sc,
		 const uint8_t *id, size_t len)
{
	const struct sigcomp_compartment *comp;
	uint32_t pos;

	memset(st, 0, sizeof(*st));
	find_local(st, id, len);

	for (comp = sc->comp; comp; comp = comp->next)
	for (pos = 0; pos < comp->fill; ) {
		struct sigcomp_record *rec = record_at(comp, pos);

		pos += sigcomp_record_size(rec->len);
		if (memcmp(rec->id, id, len))
			continue;

		/* the same item in another compartment is the same item */
		if (st->id && memcmp(st->id, rec->id, SIGCOMP_ID_LEN))
			return EEXIST;

		st->id = rec->id;
		st->value = record_value(rec);
		st->len = rec->len;
		st->addr = rec->addr;
		st->instr = rec->instr;
		st->minacc = rec->minacc;
		st->prio = rec->prio;
		st->age = rec->age;
	}

	return st->id ? 0 : ENOENT;
}


/* -- creating and freeing ------------------------------------------------ */

static void record_remove(struct sigcomp_compartment *comp, uint32_t pos)
{
	const struct sigcomp_record *rec = record_at(comp, pos);
	const uint32_t size = sigcomp_record_size(rec->len);

	comp->cost -= rec->len + (uint32_t)SIGCOMP_STATE_COST;
	memmove(comp->arena + pos, comp->arena + pos + size,
		comp->fill - pos - size);
	comp->fill -= size;
}


/** RFC 4896 s5.1: 65535 < 0 < 1 < ... < 65534 */
static uint32_t rank(const struct sigcomp_record *rec)
{
	return (rec->prio + 1u) & 0xffff;
}


/** RFC 3320 s6.2 step 5: lowest priority first, then the oldest */
static void record_evict(struct sigcomp_compartment *comp)
{
	const struct sigcomp_record *low = record_at(comp, 0);
	uint32_t pos, at = 0;

	for (pos = 0; pos < comp->fill; ) {
		const struct sigcomp_record *rec = record_at(comp, pos);

		if (rank(rec) < rank(low) ||
		    (rank(rec) == rank(low) && rec->age < low->age)) {
			low = rec;
			at = pos;
		}

		pos += sigcomp_record_size(rec->len);
	}

	record_remove(comp, at);
}


/** Use the value a request describes; the UDVM has checked where it is */
static bool request_value(const struct sigcomp *sc,
			  const struct sigcomp_request *req,
			  enum udvm_use use, void *arg)
{
	return udvm_string(sc->set.mem, sc->udvm_size, req->addr, req->len,
			   use, arg);
}


/** The compartment's own state with this (partial) identifier, NULL if there
    is none or more than one */
static struct sigcomp_record *record_find(
	const struct sigcomp_compartment *comp, const uint8_t *id, size_t len)
{
	struct sigcomp_record *found = NULL;
	uint32_t pos;

	for (pos = 0; pos < comp->fill; ) {
		struct sigcomp_record *rec = record_at(comp, pos);

		pos += sigcomp_record_size(rec->len);
		if (memcmp(rec->id, id, len))
			continue;
		if (found)
			return NULL;
		found = rec;
	}

	return found;
}


/** Identifier of the state a request describes; false: SHA-1 failed */
static bool request_id(uint8_t *id, const struct sigcomp *sc,
		       const struct sigcomp_request *req)
{
	uint8_t head[ID_HEAD];

	id_head(head, req->len, req->addr, req->instr, req->minacc);
	return udvm_hash(id, head, sizeof(head), sc->set.mem, sc->udvm_size,
			 req->addr, req->len);
}


/**
 * RFC 3320 s6.2 step 3, RFC 4896 s7: is this identifier taken by another
 * item? An identical one, of whatever compartment, does not clash.
 */
static bool clash(const struct sigcomp *sc, const struct sigcomp_request *req,
		  const uint8_t *id)
{
	struct sigcomp_source src;
	struct sigcomp_state st;

	if (sigcomp_find(&st, sc, id, SIGCOMP_ID_LEN))
		return false;

	sigcomp_source_set(&src, st.value, 0);

	return st.len != req->len || st.addr != req->addr ||
		st.instr != req->instr || st.minacc != req->minacc ||
		!request_value(sc, req, UDVM_EQUAL, &src);
}


/** Make room for a value and append its record; the caller fills it in */
static struct sigcomp_record *record_append(
	struct sigcomp_compartment *comp, uint32_t len)
{
	struct sigcomp_record *rec;

	while (comp->cost + len + SIGCOMP_STATE_COST > comp->sms)
		record_evict(comp);

	rec = record_at(comp, comp->fill);
	comp->fill += sigcomp_record_size(len);
	comp->cost += len + (uint32_t)SIGCOMP_STATE_COST;
	rec->len = (uint16_t)len;
	rec->age = ++comp->seq;

	return rec;
}


/** RFC 3320 s6.2: one state creation request, its compartment accepted */
void sigcomp_state_create(struct sigcomp *sc,
			  struct sigcomp_compartment *comp,
			  const struct sigcomp_request *request)
{
	struct sigcomp_request req = *request;
	uint8_t id[SIGCOMP_ID_LEN];
	struct sigcomp_record *rec;

	/* step 1 */
	if (!comp->sms)
		return;

	/* step 2 */
	if (req.len + (uint32_t)SIGCOMP_STATE_COST > comp->sms)
		req.len = (uint16_t)(comp->sms - SIGCOMP_STATE_COST);

	/* step 3 */
	if (!request_id(id, sc, &req) || clash(sc, &req, id))
		return;

	/* RFC 4896 s5.2, s6: a duplicate counts once, is as good as new
	   and takes the new priority */
	rec = record_find(comp, id, sizeof(id));
	if (rec) {
		rec->prio = req.prio;
		rec->age = ++comp->seq;
		return;
	}

	/* RFC 4896 s10.3.3: shared states last until a state of the peer is
	   created; the peer does not count on them from then on */
	if (SIGCOMP_SHARED)
		sigcomp_state_shared(comp, UINT32_MAX);

	rec = record_append(comp, req.len);
	rec->addr = req.addr;
	rec->instr = req.instr;
	rec->minacc = req.minacc;
	rec->prio = req.prio;
	memcpy(rec->id, id, sizeof(id));

	(void)request_value(sc, &req, UDVM_READ, record_value(rec));
}


/**
 * RFC 3320 s9.4.9, RFC 4896 s3.3: only this compartment's states, whatever
 * their minimum_access_length; none or several matches: nothing happens
 */
void sigcomp_state_free(struct sigcomp *sc, struct sigcomp_compartment *comp,
			const struct sigcomp_request *req)
{
	uint8_t id[SIGCOMP_ID_LEN];
	const struct sigcomp_record *rec;

	if (!request_value(sc, req, UDVM_READ, id))
		return;

	rec = record_find(comp, id, req->len);
	if (rec)
		record_remove(comp, (uint32_t)((const uint8_t *)rec -
					       comp->arena));
}


#if SIGCOMP_SHARED
/** May a state of the endpoint's own (RFC 3321 s5.2) be added? It must not
    push anything out. */
bool sigcomp_state_may_share(const struct sigcomp_compartment *comp,
			     size_t len)
{
	return len <= UINT16_MAX &&
		comp->cost + len + SIGCOMP_STATE_COST <= comp->sms;
}


/** Make the text of a message just sent a shared state */
void sigcomp_state_share(struct sigcomp_compartment *comp,
			 const uint8_t *text, size_t len)
{
	const struct sigcomp_piece piece = { text, len };
	struct sigcomp_record *rec;
	uint8_t id[SIGCOMP_ID_LEN];

	if (sigcomp_state_id(id, 0, 0, 6, &piece, 1))
		return;

	/* sent again: the same state is as good as new */
	rec = record_find(comp, id, sizeof(id));
	if (!rec) {
		rec = record_append(comp, (uint32_t)len);
		rec->addr = rec->instr = 0;
		rec->minacc = 6;
		rec->prio = 65535;
		memcpy(rec->id, id, sizeof(id));
		memcpy(record_value(rec), text, len);
	}

	rec->age = ++comp->seq;
	comp->share_age = rec->age;
	comp->share_handle = comp->handle;
}


/** The peer has this shared state: it will not come back to older ones */
void sigcomp_state_shared(struct sigcomp_compartment *comp, uint32_t age)
{
	uint32_t pos;

	for (pos = 0; pos < comp->fill; ) {
		const struct sigcomp_record *rec = record_at(comp, pos);

		if (rec->prio == 65535 && rec->age < age)
			record_remove(comp, pos);
		else
			pos += sigcomp_record_size(rec->len);
	}
}
#endif


void sigcomp_state_clear(struct sigcomp_compartment *comp)
{
	comp->fill = 0;
	comp->cost = 0;
}
