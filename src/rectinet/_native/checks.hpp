// Passes over arrays that come from outside. What they find wrong is an invalid_argument that says where, what it is
// and what it may be.
#pragma once
#include <sstream>
#include <stdexcept>

#include "views.hpp"

namespace rectinet {

template <class... Parts>
void require(bool fulfilled, const Parts&... parts) {
  if (fulfilled) return;
  std::ostringstream message;
  (message << ... << parts);
  throw std::invalid_argument(message.str());
}

// low <= values[i] < high
template <class V>
void check_range(const char* name, const V* values, int64_t n, V low, V high) {
  for (int64_t i = 0; i < n; ++i)
    require(values[i] >= low && values[i] < high, name, " must lie in ", low, " .. ", high - 1, "; entry ", i, " is ",
            values[i]);
}

// Offsets of n_rows rows of entries: from 0 to n_entries, never falling.
inline void check_indptr(const int64_t* indptr, int64_t n_rows, int64_t n_entries) {
  require(indptr[0] == 0, "indptr of X must start at 0; it starts at ", indptr[0]);
  for (int64_t r = 0; r < n_rows; ++r)
    require(indptr[r] <= indptr[r + 1], "indptr of X must not fall; row ", r, " would go from ", indptr[r], " to ",
            indptr[r + 1]);
  require(indptr[n_rows] == n_entries, "indptr of X must end at the number of its entries, ", n_entries,
          "; it ends at ", indptr[n_rows]);
}

// Columns strictly ascending within each row, in 0 .. n_columns - 1. A row that holds this is told by its ends and a
// loop without branches; what is wrong is looked for afterwards.
inline void check_indices(const int64_t* indptr, const int32_t* indices, int64_t n_rows, int64_t n_columns) {
  for (int64_t r = 0; r < n_rows; ++r) {
    const int64_t begin = indptr[r], end = indptr[r + 1];
    if (begin == end) continue;
    bool wrong = indices[begin] < 0 || indices[end - 1] >= n_columns;
    for (int64_t p = begin + 1; p < end; ++p) wrong |= indices[p - 1] >= indices[p];
    for (int64_t p = begin; wrong && p < end; ++p) {
      require(indices[p] >= 0 && indices[p] < n_columns, "row ", r, " of X has an entry in column ", indices[p],
              ", but its columns are 0 .. ", n_columns - 1);
      require(p == begin || indices[p - 1] < indices[p], "row ", r, " of X has column ", indices[p], " after column ",
              indices[p - 1], ": columns must ascend within a row, each at most once");
    }
  }
}

}  // namespace rectinet
