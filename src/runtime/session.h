// SPDX-License-Identifier: MIT
//
// A session: one model's files, its graph, its plans, and the one block of activations that the plans share.
#ifndef OCT_RUNTIME_SESSION_H
#define OCT_RUNTIME_SESSION_H

#include "runtime/plan.h"

#define OCT_SESSION_PLANS 4 // kept; the least recently asked for goes first
#define OCT_SESSION_VALUES 1024 // elements of the largest input that is planned for by value; a larger one is data

typedef struct oct_session_plan {
  oct_plan *plan;
  oct_shape *input_shapes; // per graph input; in the plan's arena
  uint64_t asked;          // clock of the last request
} oct_session_plan;

/// A graph input whose elements decide shapes (the target of a Reshape, the axes of a Reduce), directly or through nodes
/// that compute with them: a plan is for its elements as well as for its shape.
typedef struct oct_session_value {
  bool needed; // planned for by value
  void *data;  // what the caller said it will hold, owned; NULL: nothing yet
  size_t bytes;
} oct_session_value;

/// A file of the model, from oct_block_alloc; NULL and 0 once it was given back (release.h).
typedef struct oct_session_file {
  void *bytes;
  size_t byte_count;
  size_t packed_bytes; // of which hold packed weights now, where constants were
} oct_session_file;

typedef struct oct_session {
  oct_session_file *files; // the model, and those that its constants lie in; the list is the caller's, their bytes owned
  size_t file_count;
  oct_graph graph; // after the load passes
  oct_session_value *values; // per graph input
  oct_packed *packed;
  oct_session_plan plans[OCT_SESSION_PLANS];
  uint64_t clock;
  void *activations; // owned; as large as the largest plan committed so far
  size_t activation_bytes;
  void *variables; // owned; what the model keeps between runs, NULL until the first commit
  size_t variable_bytes;
  void **externals; // where in `variables` each of the graph's is
  oct_plan *bound; // the plan whose tensors point into `activations`, or NULL
} oct_session;

/// Opens a zeroed session in which the caller has set `files`, `file_count` and, by a reader, `graph`: counts its
/// operators and runs the load passes, unless the reader gave the counts: then they have seen the graph before. After a
/// failure the session is still to be closed.
oct_status oct_session_open(oct_session *session);

void oct_session_close(oct_session *session);

/// What is held of the model's files, without the packed weights in their place.
size_t oct_session_file_bytes(const oct_session *session);

/// Says what input `index` will hold; of no effect where the input is not planned for by value.
oct_status oct_session_set_value(oct_session *session, int32_t index, const void *data, size_t bytes);

/// The plan for the given shapes (one per input, in order) and the values said, made now or before; NULL on failure.
oct_plan *oct_session_plan_for(oct_session *session, const oct_shape *input_shapes);

/// Makes the model's variables what they were before the first run.
void oct_session_reset(oct_session *session);

/// Sees that there are so many bytes of activations. Those of the bound plan may be lost.
oct_status oct_session_reserve(oct_session *session, size_t bytes);

/// Gives the plan memory and weights. Activations of another plan are lost.
oct_status oct_session_commit(oct_session *session, oct_plan *plan);

#endif
