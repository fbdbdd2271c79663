/**
 * @file msrp_re.h  libre's base types, once: its headers have no include
 *                  guards
 */
#ifndef MSRP_RE_H
#define MSRP_RE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct mbuf;

#include <re_types.h>
#include <re_fmt.h>

#endif
