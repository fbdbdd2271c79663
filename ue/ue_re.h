/**
 * @file ue_re.h  libre's base types, guarded (its headers are not)
 */
#ifndef UE_RE_H
#define UE_RE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <inttypes.h>

#include <re_types.h>
#include <re_fmt.h>

#endif
