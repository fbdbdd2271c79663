/**
 * @file ledger.c  What the peer's state handler holds for us
 *
 * Follows RFC 3320 s6.2 at the other end as far as it can be known: which
 * messages arrived is learnt late or never, so each state is judged by the
 * worst case. A state is usable when it was seen to be created and no
 * message sent since can have pushed it out, whichever of them arrived.
 *
 *   state    event        action                           next
 *   ---------------------------------------------------------------------
 *   FREE     asked        new entry                        SENT
 *            in order     new entry, usable                ORDERED
 *   SENT     created      usable                           HELD
 *            lost         -                                FREE
 *            rival, less  -                                GAMBLE
 *            returned     - (RFC 4896 s9.2)                FREE
 *   ORDERED  created      -                                HELD
 *            lost         unusable                         FREE
 *            rival, less  unusable                         DOUBT
 *            two streams  unusable                         SENT
 *   GAMBLE   created      -                                DOUBT
 *            lost         -                                FREE
 *            returned     -                                FREE
 *   HELD     rival, less  unusable                         DOUBT
 *   GAMBLE,  asked        new entry                        -
 *   DOUBT    in order     new entry, usable                -
 *   ORDERED, replaced     new entry, unusable              -
 *   HELD     pushed out   unusable (RFC 3320 s6.2)         FREE
 *            NACK         unusable (RFC 4077)              FREE
 *            freed        unusable (RFC 3320 s6.2)         FREE
 *            reset        unusable                         FREE
 *   FREE,    replaced     new entry                        -
 *   GAMBLE,
 *   SENT,
 *   DOUBT
 *   GAMBLE,  pushed out   -                                FREE
 *   SENT,    NACK         -                                FREE
 *   DOUBT    freed        -                                FREE
 *            reset        -                                FREE
 *
 * asked, in order: by a message, and on a stream alone; created, lost: it is
 * known what became of that; rival: one that may have pushed it out leaves the
 * ledger; less: the peer lowers its state memory (RFC 4896 s10.2); pushed out:
 * one was created that leaves no room; returned: the item of an older one, and
 * the message was sent again; freed, kept: by a message of ours; replaced: the
 * slot stands for another one.  Any other pair of state and event: nothing.
 */
#include <string.h>
#include "sigcomp/private.h"

/* SENT: may or may not be there; ORDERED: is there before anything that is
   sent after it; HELD: was created; DOUBT: was created, but may have been
   pushed out by one that is no longer in the ledger; GAMBLE: the same of one
   SENT, should it turn out to have been created. In an order that makes the
   tests below ranges */
enum { FREE, GAMBLE, SENT, ORDERED, HELD, DOUBT };

enum { NO_SLOT = 0xff };


static uint32_t cost(const struct sigcomp_ledger *e)
{
	return e->len + (uint32_t)SIGCOMP_STATE_COST;
}


/** RFC 3320 s6.2 step 5: is y freed later than e? */
static bool outlives(const struct sigcomp_ledger *y,
		     const struct sigcomp_ledger *e)
{
	/* y may have been refreshed since, e perhaps not */
	return y->prio > e->prio ||
		(y->prio == e->prio && y->last >= e->handle);
}


/**
 * Room needed for e to survive: itself, everything that is freed after it,
 * in the ledger or not, and the largest newer state among those freed before
 * it, for which room was once made
 */
static bool survives(const struct sigcomp_compartment *comp,
		     const struct sigcomp_ledger *e)
{
	uint32_t sum = cost(e) + e->gone * (uint32_t)SIGCOMP_STATE_COST;
	uint32_t largest = 0;
	unsigned i;

	if (SIGCOMP_SHARED && e->freer)
		return false;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		const struct sigcomp_ledger *y = &comp->ledger[i];

		if (y == e || y->status == FREE)
			continue;

		if (outlives(y, e))
			sum += cost(y);
		else if (y->last > e->handle && cost(y) > largest)
			largest = cost(y);
	}

	return sum + largest <= comp->peer.sms;
}


static bool is_there(const struct sigcomp_ledger *e)
{
	return e->status == HELD || e->status == ORDERED;
}


static bool is_open(const struct sigcomp_ledger *e)
{
	return e->status == SENT || e->status == GAMBLE;
}


/**
 * What does not survive as things are stays so, whatever becomes of them. y
 * leaves the ledger, but maybe not the peer: those freed before it go on
 * counting it. NULL: none does.
 */
void sigcomp_ledger_doubt(struct sigcomp_compartment *comp,
			  const struct sigcomp_ledger *y)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *e = &comp->ledger[i];

		if ((is_there(e) || e->status == SENT) && !survives(comp, e))
			e->status = is_there(e) ? DOUBT : GAMBLE;
		if (y && outlives(y, e))
			e->gone = (uint16_t)(e->gone + (y->len +
				2u * SIGCOMP_STATE_COST - 1) /
				SIGCOMP_STATE_COST);
	}
}


/** y leaves the ledger; what it may have pushed out stays in doubt */
static void forget(struct sigcomp_compartment *comp, struct sigcomp_ledger *y)
{
	sigcomp_ledger_doubt(comp, NULL);
	y->status = FREE;
}


/** Compute again which slots may be referenced */
void sigcomp_ledger_update(struct sigcomp_compartment *comp)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_SLOTS; ++i)
		comp->slot[i].usable = false;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		const struct sigcomp_ledger *e = &comp->ledger[i];

		if (is_there(e) && e->slot != NO_SLOT)
			comp->slot[e->slot].usable = survives(comp, e);
	}
}


void sigcomp_other_stream(struct sigcomp_compartment *comp)
{
	unsigned i;

	comp->mixed = true;
	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		if (comp->ledger[i].status == ORDERED)
			comp->ledger[i].status = SENT;
	}

	sigcomp_ledger_update(comp);
}


/** Forget the states that messages up to this one were to make */
void sigcomp_ledger_clear(struct sigcomp_compartment *comp, uint32_t handle)
{
	unsigned i;

	sigcomp_ledger_doubt(comp, NULL);
	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		if (comp->ledger[i].handle <= handle)
			comp->ledger[i].status = FREE;
	}

	sigcomp_ledger_update(comp);
}


void sigcomp_forget(struct sigcomp_compartment *comp)
{
	sigcomp_ledger_clear(comp, UINT32_MAX);
}


/**
 * An entry for a new state. When all are taken, the state freed first by
 * the peer is forgotten among those no slot stands for
 */
static struct sigcomp_ledger *entry_new(struct sigcomp_compartment *comp)
{
	struct sigcomp_ledger *low = NULL;
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *e = &comp->ledger[i];

		if (e->status == FREE)
			return e;

		if (e->slot == NO_SLOT && (!low || outlives(low, e)))
			low = e;
	}

	if (low)
		sigcomp_ledger_doubt(comp, low);

	return low;
}


static struct sigcomp_ledger *entry_of_slot(struct sigcomp_compartment *comp,
					    uint8_t slot)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *e = &comp->ledger[i];

		if (e->status != FREE && e->slot == slot)
			return e;
	}

	return NULL;
}


/** The message just sent (comp->handle) asks for this state */
void sigcomp_ledger_add(struct sigcomp_compartment *comp,
			const struct sigcomp_save *save, uint16_t tag,
			bool ordered)
{
	struct sigcomp_slot *slot = &comp->slot[save->slot];
	struct sigcomp_ledger *e = entry_of_slot(comp, save->slot);

	if (e) {
		/* asked for again: it stays what it is, of either age */
		if ((is_there(e) || e->status == SENT) &&
		    e->prio == save->prio && e->tag == tag &&
		    !memcmp(slot->id, save->id, SIGCOMP_ID_LEN)) {
			e->last = comp->handle;
			e->again = false;
			return;
		}

		e->slot = NO_SLOT;
	}

	memcpy(slot->id, save->id, SIGCOMP_ID_LEN);
	slot->len = save->len;
	slot->prio = save->prio;

	/* one entry a slot and two more: there is always one to take */
	e = entry_new(comp);
	if (!e)
		return;

	e->handle = e->last = comp->handle;
	if (SIGCOMP_SHARED)
		e->freer = 0;
	e->gone = 0;
	e->again = false;
	e->len = save->len;
	e->prio = save->prio;
	e->slot = save->slot;
	e->tag = tag;
	e->status = ordered ? ORDERED : SENT;
}


/** States that cannot have stayed when e was created */
static void push_out(struct sigcomp_compartment *comp,
		     const struct sigcomp_ledger *e)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *y = &comp->ledger[i];

		if (y->status != FREE && y->last < e->handle &&
		    !outlives(y, e) && cost(y) + cost(e) > comp->peer.sms)
			forget(comp, y);
	}
}


/** It is known now whether this message has freed what it was to free */
static void settle_freed(struct sigcomp_compartment *comp, uint32_t handle,
			 bool freed)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *e = &comp->ledger[i];

		if (e->status == FREE || e->freer != handle)
			continue;

		e->freer = 0;
		if (freed)
			forget(comp, e);
	}
}


#if SIGCOMP_SHARED
/** The message just sent frees the states of these slots */
void sigcomp_ledger_free(struct sigcomp_compartment *comp, uint8_t slots)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *e = &comp->ledger[i];

		if (e->status != FREE && e->slot != NO_SLOT &&
		    (slots >> e->slot & 1))
			e->freer = comp->handle;
	}
}
#endif


/** It is known now whether this message has created what it asked for */
void sigcomp_ledger_settle(struct sigcomp_compartment *comp, uint32_t handle,
			   bool created)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *e = &comp->ledger[i];

		if ((!is_open(e) && e->status != ORDERED) ||
		    e->handle != handle)
			continue;

		e->status = !created ? FREE :
			e->status == GAMBLE ? DOUBT : HELD;
		if (created)
			push_out(comp, e);
	}

	if (SIGCOMP_SHARED)
		settle_freed(comp, handle, created);
	sigcomp_ledger_update(comp);
}


/** The peer does not have the states whose identifiers begin so */
void sigcomp_ledger_missing(struct sigcomp_compartment *comp,
			    const uint8_t *id, size_t len)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *e = &comp->ledger[i];

		if (e->status != FREE && e->slot != NO_SLOT &&
		    !memcmp(comp->slot[e->slot].id, id, len))
			forget(comp, e);
	}

	sigcomp_ledger_update(comp);
}


/** The last message of which it is open whether it created its state; 0 */
uint32_t sigcomp_ledger_newest(const struct sigcomp_compartment *comp)
{
	uint32_t newest = 0;
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		const struct sigcomp_ledger *e = &comp->ledger[i];

		if (is_open(e) && e->handle > newest)
			newest = e->handle;
	}

	return newest;
}


/** Is there a state that would be usable if open ones had not come? */
bool sigcomp_ledger_held(const struct sigcomp_compartment *comp)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		const struct sigcomp_ledger *e = &comp->ledger[i];

		if (is_there(e) && e->slot != NO_SLOT &&
		    !comp->slot[e->slot].usable)
			return true;
	}

	return false;
}


/** The message of this handle is sent again, since no answer has come */
void sigcomp_ledger_again(struct sigcomp_compartment *comp, uint32_t handle)
{
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		if (comp->ledger[i].last == handle)
			comp->ledger[i].again = true;
	}
}


/**
 * The peer returns the item of this tag. It would return that of a newer state
 * had it been created (RFC 4896 s9.2). Its message may have been on its way
 * before that; but where the one asking for the newer state has been sent
 * again meanwhile, it is taken to be lost.
 */
void sigcomp_ledger_lost(struct sigcomp_compartment *comp, uint16_t tag)
{
	uint32_t newest = 0;
	unsigned i;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		const struct sigcomp_ledger *e = &comp->ledger[i];

		if (e->status != FREE && e->tag == tag && e->last > newest)
			newest = e->last;
	}

	/* of a state no longer known: nobody can say when it was asked for */
	if (!newest)
		return;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		struct sigcomp_ledger *e = &comp->ledger[i];

		if (is_open(e) && e->tag &&
		    e->handle > newest && e->again) {
			e->status = FREE;
			if (SIGCOMP_SHARED)
				settle_freed(comp, e->handle, false);
		}
	}

	sigcomp_ledger_update(comp);
}


/** Feedback items that may still come back; returns their number */
unsigned sigcomp_ledger_tags(const struct sigcomp_compartment *comp,
			     uint8_t *tag)
{
	unsigned i, n = 0;

	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		const struct sigcomp_ledger *e = &comp->ledger[i];

		if (e->status != FREE && e->tag)
			tag[n++] = (uint8_t)e->tag;
	}

	return n;
}
