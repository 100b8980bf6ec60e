// What the kernel says about this process.
#pragma once

namespace heliograph::server {

struct ProcessUsage {
  double cpu_seconds = 0;
  double resident_bytes = 0;
  double open_descriptors = 0;
  double max_descriptors = 0;
  double started_at = 0;  // seconds since 1970
};

// What cannot be read is 0.
ProcessUsage read_process_usage();

}  // namespace heliograph::server
