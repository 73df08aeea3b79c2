// The services of model servers as their own definitions have them, as far as the tests need: numbers and names, written by protobufjs
// and so by nobody who could share a mistake with the gateway.
import protobuf from 'protobufjs';

const INFERENCE = `
syntax = "proto3";
package inference;
message InferParameter { oneof choice { bool bool_param = 1; int64 int64_param = 2; string string_param = 3; double double_param = 4; uint64 uint64_param = 5; } }
message InferTensorContents {
  repeated bool bool_contents = 1; repeated int32 int_contents = 2; repeated int64 int64_contents = 3; repeated uint32 uint_contents = 4;
  repeated uint64 uint64_contents = 5; repeated float fp32_contents = 6; repeated double fp64_contents = 7; repeated bytes bytes_contents = 8;
}
message Tensor { string name = 1; string datatype = 2; repeated int64 shape = 3; map<string, InferParameter> parameters = 4; InferTensorContents contents = 5; }
message Wanted { string name = 1; map<string, InferParameter> parameters = 2; }
message ModelInferRequest {
  string model_name = 1; string model_version = 2; string id = 3; map<string, InferParameter> parameters = 4;
  repeated Tensor inputs = 5; repeated Wanted outputs = 6; repeated bytes raw_input_contents = 7;
}
message ModelInferResponse {
  string model_name = 1; string model_version = 2; string id = 3; map<string, InferParameter> parameters = 4;
  repeated Tensor outputs = 5; repeated bytes raw_output_contents = 6;
}
message ModelStreamInferResponse { string error_message = 1; ModelInferResponse infer_response = 2; }
message ModelStatisticsRequest { string name = 1; string version = 2; }
message StatisticDuration { uint64 count = 1; uint64 ns = 2; }
message InferStatistics { StatisticDuration success = 1; StatisticDuration fail = 2; StatisticDuration queue = 3; }
message ModelStatistics { string name = 1; string version = 2; InferStatistics inference_stats = 6; }
message ModelStatisticsResponse { repeated ModelStatistics model_stats = 1; }
`;

const VLLM = `
syntax = "proto3";
package vllm.grpc.engine;
message SamplingParams {
  optional float temperature = 1; float top_p = 2; uint32 top_k = 3; float min_p = 4; float frequency_penalty = 5; float presence_penalty = 6;
  float repetition_penalty = 7; optional uint32 max_tokens = 8; repeated string stop = 10; bool skip_special_tokens = 12;
  bool spaces_between_special_tokens = 13; uint32 n = 15; oneof constraint { string json_schema = 16; bool json_object = 20; } optional int32 seed = 24;
}
message TokenizedInput { string original_text = 1; repeated uint32 input_ids = 2; }
message GenerateRequest { string request_id = 1; oneof input { TokenizedInput tokenized = 2; string text = 3; } SamplingParams sampling_params = 4; bool stream = 5; }
message GenerateStreamChunk { repeated uint32 token_ids = 1; uint32 prompt_tokens = 2; uint32 completion_tokens = 3; uint32 cached_tokens = 4; }
message GenerateComplete { repeated uint32 output_ids = 1; string finish_reason = 2; uint32 prompt_tokens = 3; uint32 completion_tokens = 4; uint32 cached_tokens = 5; }
message GenerateResponse { oneof response { GenerateStreamChunk chunk = 1; GenerateComplete complete = 2; } }
message AbortRequest { repeated string request_ids = 1; }
message GetTokenizerChunk { bytes data = 1; string sha256 = 2; }
message SchedulerLoad { int32 dp_rank = 1; int32 num_running_reqs = 2; int32 num_waiting_reqs = 3; }
message GetLoadsResponse { string timestamp = 1; string version = 2; int32 dp_rank_count = 3; repeated SchedulerLoad loads = 4; }
`;

const SGLANG = `
syntax = "proto3";
package sglang.runtime.v1;
message OpenAIRequest { bytes json_body = 1; map<string, string> trace_headers = 2; }
message OpenAIStreamChunk { bytes json_chunk = 1; bool finished = 2; }
message AbortRequest { string rid = 1; bool abort_all = 2; }
message GetLoadResponse { string json_info = 1; }
`;

const root = new protobuf.Root();
for (const text of [INFERENCE, VLLM, SGLANG]) protobuf.parse(text, root, { keepCase: true });

/** As JSON has it: bytes are buffers, numbers of 64 bits numbers. */
// biome-ignore lint/suspicious/noExplicitAny: what a message of any service holds
type Plain = Record<string, any>;

export function writeMessage(type: string, value: Plain): Buffer {
  const found = root.lookupType(type);
  const fault = found.verify(value);
  if (fault !== null) throw new Error(`${type}: ${fault}`);
  return Buffer.from(found.encode(found.fromObject(value)).finish());
}

export function readMessage(type: string, bytes: Buffer): Plain {
  const found = root.lookupType(type);
  return found.toObject(found.decode(bytes), { longs: Number, defaults: false });
}

/** A text as a tensor of BYTES. */
export function textTensor(name: string, ...texts: string[]): Plain {
  return {
    name,
    datatype: 'BYTES',
    shape: [texts.length],
    contents: { bytes_contents: texts.map((text) => Buffer.from(text)) },
  };
}
