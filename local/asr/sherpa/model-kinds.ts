const keys = (names: string): readonly string[] => names.split(' ');

/**
 * The metadata keys that each kind of streaming model must have (sherpa-onnx, csrc/online-*-model.cc). They are checked
 * before a model is loaded, because the engine ends its process without an error when one is missing.
 */
export const REQUIRED_METADATA = {
  zipformer2: keys(
    'encoder_dims query_head_dims value_head_dims num_heads num_encoder_layers cnn_module_kernels left_context_len T decode_chunk_len',
  ),
  zipformer: keys(
    'encoder_dims attention_dims num_encoder_layers cnn_module_kernels left_context_len T decode_chunk_len',
  ),
  lstm: keys('num_encoder_layers T decode_chunk_len rnn_hidden_size d_model'),
  conformer: keys(
    'num_encoder_layers T decode_chunk_len left_context encoder_dim pad_length cnn_module_kernel',
  ),
  ebranchformer: keys('T decode_chunk_len'),
  nemoCtc: keys('window_size chunk_shift subsampling_factor vocab_size cache_last_channel_dim1'),
  nemoTransducer: keys('window_size chunk_shift vocab_size pred_rnn_layers pred_hidden'),
  toneCtc: keys('frame_length_ms state_dim sample_rate'),
  paraformer: keys(
    'vocab_size lfr_window_size lfr_window_shift encoder_output_size decoder_num_blocks decoder_kernel_size neg_mean inv_stddev',
  ),
} as const;

export type MetadataKind = keyof typeof REQUIRED_METADATA;

/** Values of `model_type` in the metadata of transducers. */
export const TRANSDUCERS = ['zipformer2', 'zipformer', 'lstm', 'conformer', 'ebranchformer'] as const;

/**
 * Silence after the last sample, so that the last token is recognised: the model's look-ahead and this margin. Measured on
 * small models.
 */
export const TAIL_MARGIN_MS = 200;
/** The same in total, where the metadata does not give the look-ahead. */
export const PARAFORMER_TAIL_MS = 800;
export const TONE_TAIL_MS = 700;
/** Audio per decoding step, where the metadata does not give it. */
export const PARAFORMER_CHUNK_MS = 600;
export const TONE_CHUNK_MS = 300;
/** Length of a frame in the metadata's numbers. */
export const FRAME_MS = 10;
