/// What the verbs on model files share: flags, the exact transform to compare with, words.
#pragma once

#include <string>

#include "base/json.h"
#include "flags.h"
#include "train/model_error.h"
#include "train/model_file.h"

namespace papilio::app {

struct ModelCommand {
  std::string path;
  std::string target;  ///< name of an exact transform; "": the model's own
  bool json = false;
  bool quiet = false;
};

/// MODEL, --json, --quiet.
void add_model_file_flags(Flags& flags, ModelCommand& command);

/// The same and --target.
void add_model_flags(Flags& flags, ModelCommand& command);

/// Throws UsageError without MODEL or for an unknown target.
void check_model_flags(const Flags& flags, const ModelCommand& command);

inline constexpr const char* kModelEnding = ".safetensors";

/// Throws UsageError, tagged with the verb, for an -o of another ending; one without any is fine.
void check_model_name(const std::string& verb, const std::string& path);

/// The name of the exact transform. Throws UserError where the model has none of its own and no
/// --target is given.
std::string target_of(const Flags& flags, const ModelCommand& command,
                      const train::ModelFile& model);

/// What every record of a model starts with: those of record_head, file, kind, n.
base::Json model_record(const std::string& verb, const ModelCommand& command,
                        const train::ModelFile& model);

/// Adds relative_error (null where it is no number) and overflow, whether it is infinite.
void note_error(double error, base::Json& record);

/// What is said, behind the report, of an infinite error. Throws UserError, tagged with the verb.
void refuse_overflow(const std::string& verb, const ModelCommand& command, double error);

/// "network of 8 points, radices 2,2,2, dit, twiddle, complex, tied, forward, norm backward".
std::string part_text(const train::ModelPart& part);
/// part_text of all parts, and what stands around them.
std::string model_text(const train::ModelFile& model);

}  // namespace papilio::app
