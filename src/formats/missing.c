// SPDX-License-Identifier: MIT
//
// Collects missing operators and words the refusal.
#include "formats/missing.h"

#include "base/print.h"

#include <string.h>

static void copy_text(char *to, size_t capacity, const char *from, size_t length) {
  size_t count = length < capacity - 1 ? length : capacity - 1;
  if (count) memcpy(to, from, count);
  to[count] = 0;
}

void oct_missing_add(oct_missing *missing, const char *operator_name, size_t operator_length, const char *node,
                     size_t node_length) {
  char name[OCT_MISSING_NAME_BYTES];
  copy_text(name, sizeof name, operator_name, operator_length);
  int i = 0;
  while (i < missing->listed && strcmp(missing->name[i], name)) i++;
  if (i == OCT_MISSING_LISTED) {
    missing->unlisted++;
    return;
  }
  if (i == missing->listed) {
    memcpy(missing->name[i], name, sizeof name);
    copy_text(missing->node[i], sizeof missing->node[i], node, node_length);
    missing->listed++;
  }
  missing->count[i]++;
}

oct_status oct_missing_report(const oct_missing *missing) {
  if (!missing->listed) return OCT_OK;
  char list[400] = "";
  size_t at = 0;
  for (int i = 0; i < missing->listed; i++)
    at += oct_print(list + at, sizeof list - at, "%s%s (%d, first '%.60s')", i ? ", " : "", missing->name[i],
                    missing->count[i], missing->node[i]);
  if (missing->unlisted) oct_print(list + at, sizeof list - at, " and %d more", missing->unlisted);
#ifdef OCT_REDUCED
  oct_fail(OCT_UNSUPPORTED_MODEL, "build it again for this model, too: octavo build --models MODEL ...",
           "the model uses operators that this build of Octavo lacks: %s", list);
#else
  oct_fail(OCT_UNSUPPORTED_MODEL, "docs/formats.md lists the operators there are; export the model without these",
           "the model uses operators that Octavo does not have: %s", list);
#endif
  return oct_fail_at(OCT_UNSUPPORTED_MODEL, missing->node[0]);
}
