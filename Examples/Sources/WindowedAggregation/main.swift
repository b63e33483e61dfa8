// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Sensors send readings, and every ten seconds the mean of each sensor is put out: Faust's example of windows.
//
//     swift run WindowedAggregation worker
//
// Two made-up sensors send ten readings a second. Send others from another terminal; what counts is their date:
//
//     swift run WindowedAggregation send readings -k attic '{"date": "2026-11-21T08:00:00Z", "value": 17.5}'
//
// The means go to a topic, which an agent prints.

import Faust

await Averages(sensors: ["kitchen", "cellar"]).app.main()
