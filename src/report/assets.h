/// The page's own files and uPlot's, embedded by embed.cmake into a generated source.
#pragma once

#include <string_view>

namespace papilio::report::assets {

extern const std::string_view kPageHtml;      ///< template with {{names}}
extern const std::string_view kPageCss;       ///< the page's style
extern const std::string_view kPageJs;        ///< the page's script
extern const std::string_view kUplotCss;      ///< uPlot's style
extern const std::string_view kUplotJs;       ///< uPlot's script
extern const std::string_view kUplotLicence;  ///< uPlot's licence text (MIT)
extern const std::string_view kUplotVersion;  ///< "1.6.32"

// SHA-256 in hexadecimal of the above, for the page's content security policy.
extern const std::string_view kPageCssSha256;
extern const std::string_view kPageJsSha256;
extern const std::string_view kUplotCssSha256;
extern const std::string_view kUplotJsSha256;

}  // namespace papilio::report::assets
