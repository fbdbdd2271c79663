/**
 * @file ue_re.h  libre's base types, once
 *
 * libre's headers have no include guards and depend on each other's order.
 * Everything in ue/ that needs them includes this file; what needs sockets'
 * headers is in ports/common/re_port.h.
 */
#ifndef UE_RE_H
#define UE_RE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct sa;

#include "msrp/msrp_re.h"
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_base64.h>
#include <re_md5.h>
#include <re_uri.h>
#include <re_msg.h>
#include <re_httpauth.h>

#endif
