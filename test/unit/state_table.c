/**
 * @file state_table.c  See state_table.h
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/state_table.h"
#include "test/unit/test.h"

enum { STATE, EVENT, ACTION, NEXT };

struct text {
	const char *p;
	size_t l;
};


bool state_is(const char *a, const char *b)
{
	return !strcmp(a, b);
}


static bool is(const struct text *t, const char *s)
{
	return strlen(s) == t->l && !memcmp(s, t->p, t->l);
}


/* A column of the row that begins there */
static struct text column(const char *row, unsigned n)
{
	struct text t = {row, 0};

	for (; n; --n)
		t.p = strchr(t.p, '|') + 1;
	t.l = strcspn(t.p, "|\n");

	return t;
}


static const char *row_after(const char *row)
{
	return strchr(row, '\n') + 1;
}


/* NULL: nothing happens */
static const char *row_find(const char *table, const char *state,
			    const char *event)
{
	const char *row;

	for (row = table; *row; row = row_after(row)) {

		const struct text s = column(row, STATE);
		const struct text e = column(row, EVENT);

		if ((is(&s, state) || is(&s, "any")) && is(&e, event))
			return row;
	}

	return NULL;
}


static const char *find(const char *const *v, const struct text *t)
{
	for (; *v; ++v) {
		if (is(t, *v))
			return *v;
	}

	return NULL;
}


/* The next action of the list, without parentheses; false: no more */
static bool action_next(struct text *action, struct text *rest)
{
	size_t depth = 0, i;

	while (rest->l && (*rest->p == ' ' || *rest->p == ',')) {
		++rest->p;
		--rest->l;
	}
	for (i = 0; i < rest->l && (depth || rest->p[i] != ','); i++) {
		depth += rest->p[i] == '(';
		depth -= depth && rest->p[i] == ')';
	}
	*action = (struct text){rest->p, i};
	rest->p += i;
	rest->l -= i;

	for (i = 0; i < action->l && action->p[i] != '('; i++)
		;
	action->l = i;
	while (action->l && action->p[action->l - 1] == ' ')
		--action->l;

	return action->l > 0;
}


static bool visible(const struct text *action)
{
	for (size_t i = 0; i + 2 < action->l; i++) {
		if (!memcmp(action->p + i, " = ", 3))
			return false;
	}

	return !is(action, "-");
}


static bool wants(const char *row, const char *what)
{
	struct text rest, action;

	if (!row)
		return false;

	rest = column(row, ACTION);
	while (action_next(&action, &rest)) {
		if (is(&action, what))
			return true;
	}

	return false;
}


/* Does the test know all that the table says? */
static bool known(const struct state_machine *m)
{
	const char *row;

	for (row = m->table; *row; row = row_after(row)) {

		const struct text s = column(row, STATE);
		const struct text e = column(row, EVENT);
		const struct text n = column(row, NEXT);
		struct text rest = column(row, ACTION), action;
		bool good = (is(&s, "any") || find(m->statev, &s)) &&
			find(m->eventv, &e) &&
			(is(&n, "-") || find(m->statev, &n));

		while (action_next(&action, &rest))
			good = good && (!visible(&action) ||
					find(m->actionv, &action));
		if (!good) {
			printf("unknown to the test: %.*s\n",
			       (int)strcspn(row, "\n"), row);
			return false;
		}
	}

	return true;
}


static bool pair(const struct state_machine *m, const char *state,
		 const char *event)
{
	const char *row = row_find(m->table, state, event), *next = state;
	char what[80];

	(void)snprintf(what, sizeof(what), "%s + %s", state, event);
	if (!m->reach(state, event))
		return test_str("not reached", state, what, __FILE__,
				__LINE__);

	if (row) {
		const struct text n = column(row, NEXT);

		next = is(&n, "-") ? state : find(m->statev, &n);
	}
	m->fire(state, event);
	if (!test_str(m->state(), next, what, __FILE__, __LINE__))
		return false;

	for (const char *const *a = m->actionv; *a; ++a) {
		(void)snprintf(what, sizeof(what), "%s + %s: %s", state,
			       event, *a);
		if (!test_eq(m->seen(*a), wants(row, *a), what, __FILE__,
			     __LINE__))
			return false;
	}
	(void)snprintf(what, sizeof(what), "%s + %s: its end", state, event);

	return !m->end || test_str(m->end(), NULL, what, __FILE__, __LINE__);
}


bool state_table_walk(const struct state_machine *m, unsigned *pairs)
{
	const char *const *s, *const *e;

	*pairs = 0;
	if (!known(m))
		return false;

	for (s = m->statev; *s; ++s) {
		for (e = m->eventv; *e; ++e) {
			if (!pair(m, *s, *e))
				return false;
			++*pairs;
		}
	}

	return true;
}
