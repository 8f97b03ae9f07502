// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Settlement} from "./Settlement.sol";

/// @title Money back to the payer of a payment, whole or in part
/// @notice A refund re-presents the payer's signed payment, so it can go nowhere else and never above its amount.
///         Whether that very payment settled is not on chain: the gateway asks for its Paid log, and the daily
///         limit bounds the rest.
abstract contract Refunds is Settlement {
    /// @notice Who signs a merchant's refunds, in one word.
    struct RefundKey {
        /// @dev Zero is nobody. Bits 0-159.
        address key;
        /// @dev Won that it may send back on one Seoul day. Bits 160-199.
        uint40 dailyLimit;
        /// @dev Won sent back on `day`. Bits 200-239.
        uint40 spent;
        /// @dev Seoul day of `spent`, counted from 1970. Bits 240-255.
        uint16 day;
    }

    /// @notice What the refund key signs. `payment` is paymentId; `refundedBefore` makes each signature good once.
    bytes32 public constant REFUND_TYPEHASH =
        keccak256("Refund(bytes32 payment,uint64 amount,uint64 refundedBefore,uint32 validBefore)");
    /// @notice What a merchant signs who holds no coin for gas.
    bytes32 public constant REFUND_KEY_TYPEHASH =
        keccak256("RegisterRefundKey(address merchant,address key,uint40 dailyLimit,uint256 nonce,uint256 deadline)");
    uint256 private constant REFUND_BYTES = 182;

    uint256 private constant REFUND_GROUP_BYTES = 22;
    /// @dev Where the refund's own fields begin in an item, and its terms within it.
    uint256 private constant REFUND_OFFSET = 98;
    uint256 private constant REFUND_TERMS_OFFSET = 162;

    mapping(address merchant => uint256 word) internal _refundKeys;
    /// @notice Won sent back so far, by paymentId. Written only when a refund happens.
    mapping(bytes32 payment => uint256 won) public refundedOf;

    /// @notice `key` may sign refunds of `merchant` up to `dailyLimit` won a Seoul day; zero is nobody.
    event RefundKeyChanged(address indexed merchant, address indexed key, uint256 dailyLimit);
    /// @notice The refund is the Transfer just before this event; `refunded` is the sum so far.
    event Refunded(bytes16 indexed invoice, uint256 refunded);
    /// @notice Nothing moved: 1 expired, 2 bad payment signature, 3 frozen payer, 4 funds, 5 replay, 6 frozen merchant,
    ///         7 zero amount, 8 bad refund signature, 9 above the payment, 10 payment not consumed, 11 daily limit.
    event RefundSkipped(bytes16 indexed invoice, address payer, uint256 reason);

    /// @notice Key, limit and use of a merchant's refund key.
    function refundKeyOf(address merchant) external view returns (RefundKey memory) {
        uint256 word = _refundKeys[merchant];
        return RefundKey(address(uint160(word)), uint40(word >> 160), uint40(word >> 200), uint16(word >> 240));
    }

    /// @notice A merchant names its own refund key; zero takes it away. Emits RefundKeyChanged.
    function setRefundKey(address key, uint40 dailyLimit) external {
        _setRefundKey(msg.sender, key, dailyLimit);
    }

    /// @notice Anyone submits a merchant's signed choice of refund key; uses the next of `nonces`. Emits
    ///         RefundKeyChanged. Reverts with SignatureExpired or InvalidSignature.
    function registerRefundKey(
        address merchant,
        address key,
        uint40 dailyLimit,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 hash =
            keccak256(abi.encode(REFUND_KEY_TYPEHASH, merchant, key, dailyLimit, nonces[merchant]++, deadline));
        _requireSigner(merchant, hash, v, r, s);
        _setRefundKey(merchant, key, dailyLimit);
    }

    /// @notice Settler sends back what refund keys signed; a bad item is skipped and harms no other.
    ///         batch = group*; group = merchant(20) count(2) item*; item = a settleBatch item (98), then of the refund
    ///         r(32) vs(32) amount(8) refundedBefore(8) validBefore(4).
    ///         Emits Transfer and Refunded, or RefundSkipped, for each item in order.
    ///         Reverts with TokenPaused, NotAllowed or MalformedBatch.
    function refundBatch(bytes calldata batch) external whenNotPaused {
        if (uint96(_settlers[msg.sender]) == 0) revert NotAllowed(msg.sender);
        uint256 buffer = _prepareBuffer();
        uint256 at;
        uint256 end;
        assembly ("memory-safe") {
            at := batch.offset
            end := add(at, batch.length)
        }
        unchecked {
            while (at < end) {
                uint256 head;
                assembly ("memory-safe") {
                    head := calldataload(at)
                }
                at += REFUND_GROUP_BYTES;
                uint256 itemsEnd = at + REFUND_BYTES * uint16(head >> 80);
                if (itemsEnd > end) revert MalformedBatch();
                _refundGroup(buffer, address(uint160(head >> 96)), at, itemsEnd);
                at = itemsEnd;
            }
        }
    }

    /// @notice The key of refundedOf: the payment's EIP-712 struct hash and who signed it.
    function paymentId(bytes32 paymentStructHash, address payer) public pure returns (bytes32) {
        return keccak256(abi.encode(paymentStructHash, payer));
    }

    function _setRefundKey(address merchant, address key, uint40 dailyLimit) private {
        uint256 used = _refundKeys[merchant] >> 200 << 200;
        _refundKeys[merchant] = used | uint256(dailyLimit) << 160 | uint160(key);
        emit RefundKeyChanged(merchant, key, dailyLimit);
    }

    /// @dev The merchant's two words are read once and written once a group.
    function _refundGroup(uint256 buffer, address merchant, uint256 at, uint256 end) private {
        uint256 key = _refundKeys[merchant];
        uint256 word = _accounts[merchant];
        uint256 day = uint16(_seoulDay());
        assembly ("memory-safe") {
            mstore(add(buffer, 0x20), merchant)
        }
        unchecked {
            uint256 spent = key >> 240 == day ? uint40(key >> 200) : 0;
            uint256 limit = uint40(key >> 160);
            uint256 left = spent < limit ? limit - spent : 0;
            uint256 total;
            for (; at < end; at += REFUND_BYTES) {
                total += _refundItem(buffer, at, merchant, word - total, key, left - total);
            }
            if (total != 0) {
                _accounts[merchant] -= total;
                _refundKeys[merchant] = uint200(key) | (spent + total) << 200 | day << 240;
            }
        }
    }

    /// @dev Credits the payer of one item and logs it as refunded or skipped; returns the won to take.
    function _refundItem(uint256 buffer, uint256 at, address merchant, uint256 word, uint256 key, uint256 left)
        private
        returns (uint256 won)
    {
        uint256 terms;
        bytes16 invoice;
        assembly ("memory-safe") {
            terms := calldataload(add(at, REFUND_TERMS_OFFSET))
            invoice := shl(128, calldataload(add(at, 66)))
        }
        (uint256 reason, address payer, bytes32 payment) = _checkRefund(buffer, at, word, key, left, terms);
        if (reason != 0) {
            emit RefundSkipped(invoice, payer, reason);
            return 0;
        }
        won = terms >> 192;
        unchecked {
            uint256 refunded = uint64(terms >> 128) + won;
            refundedOf[payment] = refunded;
            _accounts[payer] += won;
            emit Transfer(merchant, payer, won);
            emit Refunded(invoice, refunded);
        }
    }

    /// @dev Why a refund must not happen, or 0; who paid; and the payment's id.
    function _checkRefund(uint256 buffer, uint256 at, uint256 word, uint256 key, uint256 left, uint256 refund)
        private
        view
        returns (uint256 reason, address payer, bytes32 payment)
    {
        if (word & FROZEN_BIT != 0) return (6, payer, payment);
        if (block.timestamp >= uint32(refund >> 96)) return (1, payer, payment);
        uint256 won = refund >> 192;
        if (won == 0) return (7, payer, payment);
        uint256 terms;
        assembly ("memory-safe") {
            terms := calldataload(add(at, 64))
        }
        (payer, payment) = _paymentOf(buffer, at, terms);
        if (payer == address(0)) return (2, payer, payment);
        uint256 payerWord = _accounts[payer];
        if (payerWord & FROZEN_BIT != 0) return (3, payer, payment);
        if (!_isConsumed(payerWord, uint48(terms >> 144))) return (10, payer, payment);
        uint256 before = uint64(refund >> 128);
        if (refundedOf[payment] != before) return (5, payer, payment);
        unchecked {
            if (before + won > terms >> 192) return (9, payer, payment);
        }
        address signer = _refundSignerOf(buffer, at, payment, refund);
        if (signer == address(0) || signer != address(uint160(key))) return (8, payer, payment);
        if (won > left) return (11, payer, payment);
        if (won > uint96(word)) return (4, payer, payment);
    }

    /// @dev Who signed the payment that the item re-presents, and its id. The buffer holds typehash and merchant.
    function _paymentOf(uint256 buffer, uint256 at, uint256 terms)
        private
        view
        returns (address payer, bytes32 payment)
    {
        bytes32 structHash;
        assembly ("memory-safe") {
            mstore(add(buffer, 0x40), shr(192, terms))
            mstore(add(buffer, 0x60), and(shr(144, terms), 0xffffffffffff))
            mstore(add(buffer, 0x80), and(shr(112, terms), 0xffffffff))
            mstore(add(buffer, 0xa0), shl(128, calldataload(add(at, 66))))
            structHash := keccak256(buffer, 0xc0)
        }
        payer = _signerOf(buffer, at, structHash);
        assembly ("memory-safe") {
            mstore(0x00, structHash)
            mstore(0x20, payer)
            payment := keccak256(0x00, 0x40)
        }
    }

    /// @dev Who signed the refund's terms. Its struct is hashed in free memory, which nothing else uses meanwhile.
    function _refundSignerOf(uint256 buffer, uint256 at, bytes32 payment, uint256 refund)
        private
        view
        returns (address)
    {
        bytes32 structHash;
        bytes32 typehash = REFUND_TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            mstore(add(free, 0x20), payment)
            mstore(add(free, 0x40), shr(192, refund))
            mstore(add(free, 0x60), and(shr(128, refund), 0xffffffffffffffff))
            mstore(add(free, 0x80), and(shr(96, refund), 0xffffffff))
            structHash := keccak256(free, 0xa0)
        }
        unchecked {
            return _signerOf(buffer, at + REFUND_OFFSET, structHash);
        }
    }

    /// @dev Who signed a struct hash in the buffer's domain, by the EIP-2098 signature at `at` of the calldata.
    function _signerOf(uint256 buffer, uint256 at, bytes32 structHash) private view returns (address signer) {
        assembly ("memory-safe") {
            mstore(add(buffer, 0xe2), structHash)
            let input := add(buffer, 0x140)
            mstore(input, keccak256(add(buffer, 0xc0), 0x42))
            let vs := calldataload(add(at, 0x20))
            let s := shr(1, shl(1, vs))
            mstore(add(input, 0x20), add(27, shr(255, vs)))
            mstore(add(input, 0x40), calldataload(at))
            mstore(add(input, 0x60), s)
            if iszero(gt(s, HIGHEST_S)) {
                mstore(0x00, 0)
                pop(staticcall(gas(), 1, input, 0x80, 0x00, 0x20))
                signer := mload(0x00)
            }
        }
    }

    /// @dev Used, or passed over by the window: only the Paid log tells the two apart.
    function _isConsumed(uint256 payerWord, uint256 nonce) private pure returns (bool) {
        unchecked {
            uint256 base = uint48(payerWord >> BASE_SHIFT);
            uint256 ahead = nonce - base;
            return nonce < base || ahead < WINDOW_BITS && payerWord >> (WINDOW_SHIFT + ahead) & 1 != 0;
        }
    }
}
